#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "base/status.h"
#include "wire/grpc/grpc_error.h"

namespace sextant::wire {

// A message from its text form, for tests.
template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// Text that parses back, on one line.
inline std::string TextOf(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
  if (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// What a client sees of an error: "3 Wrong input: …" is InvalidArgument. "ok" for none.
inline std::string SeenOf(const Status& status) {
  if (status.ok()) return "ok";
  const grpc::Status seen = ToGrpcStatus(status);
  return std::to_string(seen.error_code()) + " " + seen.error_message();
}
template <typename T>
std::string ErrorOf(const Result<T>& result) {
  return SeenOf(result.status());
}

}  // namespace sextant::wire
