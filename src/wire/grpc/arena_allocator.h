#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/support/message_allocator.h>

#include <optional>

namespace sextant::wire {

// What: puts the messages of a call on arenas, so that a payload of thousands of values is a few allocations and is
// freed at once. The request goes as soon as it is converted, the reply with the call.
// Threads: any; it has no state. Ownership: a call's holder owns its messages and deletes itself when gRPC is done.
template <typename Request, typename Reply>
class ArenaAllocator final : public grpc::MessageAllocator<Request, Reply> {
 public:
  // The one that all servers share.
  static ArenaAllocator* Instance() {
    static ArenaAllocator allocator;
    return &allocator;
  }

  grpc::MessageHolder<Request, Reply>* AllocateMessages() override { return new Holder; }

 private:
  class Holder final : public grpc::MessageHolder<Request, Reply> {
   public:
    Holder() : request_arena_(std::in_place) {
      this->set_request(google::protobuf::Arena::CreateMessage<Request>(&*request_arena_));
      this->set_response(google::protobuf::Arena::CreateMessage<Reply>(&reply_arena_));
    }
    void Release() override { delete this; }
    void FreeRequest() override {
      this->set_request(nullptr);
      request_arena_.reset();
    }

   private:
    std::optional<google::protobuf::Arena> request_arena_;
    google::protobuf::Arena reply_arena_;
  };
};

}  // namespace sextant::wire
