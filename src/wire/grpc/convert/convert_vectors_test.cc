#include "wire/grpc/convert/convert_vectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/grpc/message_testing.h"

namespace sextant::wire {
namespace {

using testing::HasSubstr;

Result<VectorValue> ConvertedVector(const std::string& text) {
  return ConvertVector(Parse<qdrant::Vector>(text), service::VectorUse::kStored);
}
std::string VectorError(const std::string& text) {
  return ErrorOf(ConvertedVector(text));
}

TEST(ConvertVectors, EveryFormInTheNewMembers) {
  EXPECT_EQ(*ConvertedVector("dense { data: [1, 2.5] }"), VectorValue(DenseVector{1, 2.5}));
  EXPECT_EQ(*ConvertedVector("sparse { indices: [7, 3] values: [0.5, -1] }"),
            VectorValue(SparseVector{{3, 7}, {-1, 0.5}}));
  EXPECT_EQ(*ConvertedVector("sparse { }"), VectorValue(SparseVector{}));
  EXPECT_EQ(*ConvertedVector("multi_dense { vectors { data: [1, 2] } vectors { data: [3, 4] } }"),
            VectorValue(MultiVector{2, {1, 2, 3, 4}}));
}

TEST(ConvertVectors, EveryFormInTheFlatMembers) {
  EXPECT_EQ(*ConvertedVector("data: [1, 2.5]"), VectorValue(DenseVector{1, 2.5}));
  EXPECT_EQ(*ConvertedVector("data: [0.5, -1] indices { data: [7, 3] }"), VectorValue(SparseVector{{3, 7}, {-1, 0.5}}));
  EXPECT_EQ(*ConvertedVector("data: [1, 2, 3, 4] vectors_count: 2"), VectorValue(MultiVector{2, {1, 2, 3, 4}}));
}

TEST(ConvertVectors, RefusesWhatHasNoShape) {
  EXPECT_THAT(VectorError("sparse { indices: [1, 2] values: [1] }"),
              HasSubstr("3 Validation error in body: [values: must"));
  EXPECT_THAT(VectorError("sparse { indices: [2, 2] values: [1, 1] }"), HasSubstr("[indices: must be unique, 2"));
  EXPECT_THAT(VectorError("multi_dense { }"), HasSubstr("at least one row"));
  EXPECT_THAT(VectorError("multi_dense { vectors { } }"), HasSubstr("at least one row"));
  EXPECT_THAT(VectorError("multi_dense { vectors { data: [1] } vectors { data: [1, 2] } }"),
              HasSubstr("the same length"));
  EXPECT_EQ(VectorError("data: [1, 2, 3] vectors_count: 2"), "3 Malformed multi vector: 3 values cannot be 2 rows");
  EXPECT_EQ(VectorError("data: [1] vectors_count: 0"), "3 Malformed multi vector: 1 values cannot be 0 rows");
}

TEST(ConvertVectors, MakesVectorsOfTexts) {
  const std::string text = "document { text: 'Rust rust' model: 'BM25' options { key: 'avg_len' value { ";
  const auto stored = ConvertedVector(text + "integer_value: 2 } } }");
  ASSERT_TRUE(stored.ok()) << stored.status();
  const auto& sparse = std::get<SparseVector>(*stored);
  ASSERT_EQ(sparse.values.size(), 1u);
  EXPECT_FLOAT_EQ(sparse.values[0], 2 * 2.2f / (2 + 1.2f));
  const auto asked = ConvertVector(Parse<qdrant::Vector>("document { text: 'rust' model: 'qdrant/bm25' }"),
                                   service::VectorUse::kQuery);
  EXPECT_EQ(*asked, VectorValue(SparseVector{sparse.indices, {1}}));
  EXPECT_THAT(VectorError("document { text: 'a' model: 'b' }"),
              HasSubstr("13 Service internal error: InferenceService is not initialized"));
  EXPECT_THAT(VectorError("image { model: 'bm25' }"), HasSubstr("3 Wrong input"));
  EXPECT_THAT(VectorError("object { model: 'bm25' }"), HasSubstr("3 Wrong input"));
  EXPECT_THAT(VectorError(text + "string_value: '2' } } }"), HasSubstr("3 "));
}

TEST(ConvertVectors, OneUnnamedOrSeveralNamedInOrderOfTheirNames) {
  const auto one = ConvertVectors(Parse<qdrant::Vectors>("vector { dense { data: 1 } }"));
  ASSERT_EQ(one->size(), 1u);
  EXPECT_EQ(one->front().name, "");
  const auto named = ConvertVectors(Parse<qdrant::Vectors>(
      "vectors { vectors { key: 'b' value { data: 1 } } vectors { key: 'a' value { data: [2, 3] } } }"));
  ASSERT_EQ(named->size(), 2u);
  EXPECT_EQ((*named)[0].name, "a");
  EXPECT_EQ((*named)[0].value, VectorValue(DenseVector{2, 3}));
  EXPECT_EQ((*named)[1].name, "b");
  EXPECT_EQ(ErrorOf(ConvertVectors({})), "3 Expected some vectors");
  EXPECT_TRUE(ConvertVectors(Parse<qdrant::Vectors>("vectors { }"))->empty());
}

TEST(ConvertVectors, AnswersFillTheNewMembersOnly) {
  qdrant::VectorsOutput out;
  FillVectors({{"", DenseVector{1, 2}}}, &out);
  EXPECT_EQ(TextOf(out), "vector { dense { data: 1 data: 2 } }");
  out.Clear();
  FillVectors({{"m", MultiVector{1, {5, 6}}}}, &out);
  EXPECT_EQ(TextOf(out),
            "vectors { vectors { key: \"m\" value { multi_dense { vectors { data: 5 } vectors { data: 6 } } } } }");
  out.Clear();
  FillVectors({{"s", SparseVector{{4}, {0.5}}}}, &out);
  EXPECT_EQ(TextOf(out), "vectors { vectors { key: \"s\" value { sparse { values: 0.5 indices: 4 } } } }");
  out.Clear();
  FillVectors({}, &out);
  EXPECT_TRUE(out.has_vectors());
}

}  // namespace
}  // namespace sextant::wire
