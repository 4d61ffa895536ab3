#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "points_service.grpc.pb.h"

namespace sextant {

// A connection of its own to the points service of a server: `number` tells it from the others to the same target.
inline std::unique_ptr<qdrant::Points::Stub> Connect(const std::string& target, int number) {
  grpc::ChannelArguments arguments;
  arguments.SetInt("connection", number);  // channels with equal arguments share one
  return qdrant::Points::NewStub(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
}

}  // namespace sextant
