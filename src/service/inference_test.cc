#include "service/inference.h"

#include <gtest/gtest.h>

namespace sextant::service {
namespace {

InferenceInput Text(std::string model, std::string text) {
  InferenceInput input;
  input.model = std::move(model);
  input.text = std::move(text);
  return input;
}

TEST(Infer, KnowsBm25ByItsNamesInAnyCase) {
  const auto vector = Infer(Text("qdrant/bm25", "a quick fox, quick"), VectorUse::kStored);
  ASSERT_TRUE(vector.ok()) << vector.status();
  EXPECT_EQ(std::get<SparseVector>(*vector).indices.size(), 2u);
  for (const char* model : {"Qdrant/bm25", "BM25", "bm25", "QDRANT/BM25"})
    EXPECT_EQ(*Infer(Text(model, "a quick fox, quick"), VectorUse::kStored), *vector) << model;
  EXPECT_EQ(*Infer(Text("bm25", "the"), VectorUse::kStored), VectorValue(SparseVector{}));
}

TEST(Infer, QueriesWeighEachTokenOnce) {
  const auto vector = Infer(Text("bm25", "fox fox quick"), VectorUse::kQuery);
  EXPECT_EQ(std::get<SparseVector>(*vector).values, (std::vector<float>{1, 1}));
}

TEST(Infer, EachTextHasItsOwnOptions) {
  InferenceInput input = Text("bm25", "running");
  const auto stemmed = *Infer(input, VectorUse::kQuery);
  input.options = Json(Json::Object{{"language", Json("none")}});
  const auto plain = *Infer(input, VectorUse::kQuery);
  EXPECT_NE(stemmed, plain);
  input.options = Json();
  EXPECT_EQ(*Infer(input, VectorUse::kQuery), stemmed);
  input.options = Json(Json::Object{{"b", Json(7)}});
  EXPECT_FALSE(Infer(input, VectorUse::kQuery).ok());
  input.options = Json(Json::Object{{"language", Json("none")}});
  EXPECT_EQ(*Infer(input, VectorUse::kQuery), plain);
}

TEST(Infer, RefusesWhatItHasNoModelFor) {
  for (const char* model : {"", "bm2", "bm255", "xqdrant/bm25", "sentence-transformers/all-minilm-l6-v2"})
    EXPECT_EQ(ErrorClassOf(Infer(Text(model, "a"), VectorUse::kQuery).status()), ErrorClass::kInternal) << model;
  EXPECT_LT(Infer(Text(std::string(100'000, 'm'), "a"), VectorUse::kQuery).status().message().size(), 1000u);
  InferenceInput image = Text("bm25", "");
  image.kind = InferenceInput::Kind::kImage;
  EXPECT_EQ(ErrorClassOf(Infer(image, VectorUse::kStored).status()), ErrorClass::kWrongInput);
  InferenceInput wrong = Text("bm25", "a");
  wrong.options = Json(Json::Object{{"k", Json(-1)}});
  EXPECT_EQ(ErrorClassOf(Infer(wrong, VectorUse::kStored).status()), ErrorClass::kWrongInput);
  wrong.options = Json(Json::Object{{"k", Json("1")}});
  EXPECT_EQ(ErrorClassOf(Infer(wrong, VectorUse::kStored).status()), ErrorClass::kFormat);
}

}  // namespace
}  // namespace sextant::service
