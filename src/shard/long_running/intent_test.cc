#include "shard/long_running/intent.h"

#include <gtest/gtest.h>

#include "shard/manifest.h"

namespace sextant::shard {
namespace {

using storage::Family;

class IntentTest : public testing::Test {
 protected:
  void SetUp() override {
    storage::StoreEnvironment::Options options;
    options.in_memory = true;
    stores_ = std::make_unique<storage::StoreEnvironment>(options);
    auto store = storage::Store::Open(stores_.get(), "intent_test", /*create=*/true);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = std::move(*store);
  }

  template <typename Put>
  void Commit(Put&& put) {
    storage::WriteBatch batch;
    put(&batch);
    ASSERT_TRUE(store_->Commit(std::move(batch), false).ok());
  }
  template <typename T>
  T Reread(T change) {
    Commit([&](storage::WriteBatch* batch) { PutIntentChange(Operation(std::move(change)), batch); });
    const Result<Operation> read = ReadIntentChange(*store_);
    EXPECT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(std::holds_alternative<T>(*read));
    return std::get<T>(*read);
  }

  std::unique_ptr<storage::StoreEnvironment> stores_;
  std::unique_ptr<storage::Store> store_;
};

TEST_F(IntentTest, EveryKindOfChangeReadsBack) {
  const Json payload = Json::Parse(R"({"a":{"b":[1,2.5,null]},"é":"\n"})").value();
  SetPayload set{{}, payload, PayloadPath::Parse("x[0].\"a.b\"").value()};
  EXPECT_EQ(Reread(set).payload, payload);
  EXPECT_EQ(Reread(set).key, set.key);
  set.key.reset();
  EXPECT_FALSE(Reread(set).key.has_value());
  EXPECT_EQ(Reread(OverwritePayload{{}, payload}).payload, payload);
  const DeletePayload erase{{}, {PayloadPath::Parse("a").value(), PayloadPath::Parse("b[].c").value()}};
  EXPECT_EQ(Reread(erase).keys, erase.keys);
  EXPECT_EQ(Reread(DeleteVectors{{}, {"", "b"}}).names, (std::vector<std::string>{"", "b"}));
  Reread(ClearPayload{});
  Reread(DeletePoints{});
}

TEST_F(IntentTest, AsDeepAPayloadAsThereCanBeReadsBack) {
  std::string text = "{\"a\":1}";
  while (Json::Parse("{\"a\":" + text + "}").ok()) text = "{\"a\":" + text + "}";
  const Json deepest = Json::Parse(text).value();
  EXPECT_EQ(Reread(OverwritePayload{{}, deepest}).payload, deepest);
}

TEST_F(IntentTest, TheManifestTellsOfARecordOnly) {
  const std::vector<Ordinal> ordinals{Ordinal{1}, Ordinal{7}};
  Commit([&](storage::WriteBatch* batch) {
    PutIntentChange(ClearPayload{}, batch);
    PutIntentOrdinals(0, ordinals, batch);
  });
  EXPECT_FALSE(ReadManifest(*store_).value().intent);
  Commit([](storage::WriteBatch* batch) { PutIntent({9, 2, 1}, batch); });
  const auto intent = ReadManifest(*store_).value().intent;
  ASSERT_TRUE(intent);
  EXPECT_EQ(intent->number, 9u);
  EXPECT_EQ(intent->points, 2u);
  EXPECT_EQ(intent->done, 1u);
  EXPECT_EQ(ReadIntentOrdinals(*store_, 0).value(), ordinals);
  EXPECT_EQ(ErrorClassOf(ReadIntentOrdinals(*store_, 1).status()), ErrorClass::kCorruption);
  Commit([&](storage::WriteBatch* batch) { EXPECT_TRUE(DeleteIntent(*store_, batch).ok()); });
  EXPECT_FALSE(ReadManifest(*store_).value().intent);
  EXPECT_EQ(ErrorClassOf(ReadIntentChange(*store_).status()), ErrorClass::kCorruption);
}

TEST_F(IntentTest, DamageIsNamed) {
  for (const char* text :
       {"", "[]", "{}", "{\"kind\":1}", "{\"kind\":\"nope\"}", "{\"kind\":\"set_payload\"}",
        "{\"kind\":\"set_payload\",\"payload\":\"[1]\"}", "{\"kind\":\"delete_vectors\",\"names\":[1]}",
        "{\"kind\":\"delete_payload\",\"keys\":[\"a\",\"[\"]}"}) {
    Commit([&](storage::WriteBatch* batch) { batch->Put(Family::kMeta, "ic", text); });
    EXPECT_EQ(ErrorClassOf(ReadIntentChange(*store_).status()), ErrorClass::kCorruption) << text;
  }
  Commit([](storage::WriteBatch* batch) { batch->Put(Family::kMeta, "i", "short"); });
  EXPECT_EQ(ErrorClassOf(ReadManifest(*store_).status()), ErrorClass::kCorruption);
  Commit([](storage::WriteBatch* batch) { PutIntent({9, 1, 2}, batch); });
  EXPECT_EQ(ErrorClassOf(ReadManifest(*store_).status()), ErrorClass::kCorruption);
}

}  // namespace
}  // namespace sextant::shard
