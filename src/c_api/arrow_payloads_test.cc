#include "c_api/arrow_payloads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "nanoarrow.h"

namespace sextant::c_api {
namespace {

using ::testing::HasSubstr;

void Must(ArrowErrorCode code) {
  ASSERT_EQ(code, NANOARROW_OK);
}

// What: a record batch whose columns a test describes and fills row by row.
class BatchBuilder {
 public:
  using Fill = std::function<void(ArrowArray* column)>;
  struct Field {
    std::string name;
    std::function<void(ArrowSchema*)> describe;
    Fill fill;
  };

  BatchBuilder(const std::vector<Field>& fields, int64_t rows) {
    ArrowSchemaInit(&schema_);
    Must(ArrowSchemaSetTypeStruct(&schema_, static_cast<int64_t>(fields.size())));
    for (size_t i = 0; i < fields.size(); ++i) {
      fields[i].describe(schema_.children[i]);
      Must(ArrowSchemaSetName(schema_.children[i], fields[i].name.c_str()));
    }
    Must(ArrowArrayInitFromSchema(&array_, &schema_, nullptr));
    Must(ArrowArrayStartAppending(&array_));
    for (size_t i = 0; i < fields.size(); ++i) fields[i].fill(array_.children[i]);
    array_.length = rows;
    Must(ArrowArrayFinishBuildingDefault(&array_, nullptr));
  }
  ~BatchBuilder() {
    ArrowArrayRelease(&array_);
    ArrowSchemaRelease(&schema_);
  }
  BatchBuilder(const BatchBuilder&) = delete;
  BatchBuilder& operator=(const BatchBuilder&) = delete;

  ArrowArray* array() { return &array_; }

  Result<std::vector<std::string>> Rows(uint64_t count) const {
    ASSIGN_OR_RETURN(const ArrowPayloads payloads, ArrowPayloads::Open(&array_, &schema_, count));
    std::vector<std::string> rows;
    for (uint64_t row = 0; row < count; ++row) {
      ASSIGN_OR_RETURN(std::string text, payloads.Row(row));
      rows.push_back(std::move(text));
    }
    return rows;
  }

 private:
  ArrowSchema schema_{};
  ArrowArray array_{};
};

std::function<void(ArrowSchema*)> Of(ArrowType type) {
  return [type](ArrowSchema* schema) { Must(ArrowSchemaSetType(schema, type)); };
}

BatchBuilder::Fill Ints(std::vector<int64_t> values) {
  return [values](ArrowArray* column) {
    for (const int64_t value : values) Must(ArrowArrayAppendInt(column, value));
  };
}

BatchBuilder::Fill Texts(std::vector<const char*> values) {
  return [values](ArrowArray* column) {
    for (const char* value : values)
      Must(value != nullptr ? ArrowArrayAppendString(column, ArrowCharView(value)) : ArrowArrayAppendNull(column, 1));
  };
}

using Rows = std::vector<std::string>;

TEST(ArrowPayloads, NumbersTextsAndNulls) {
  const BatchBuilder batch(
      {{"i", Of(NANOARROW_TYPE_INT8), Ints({-5, 7})},
       {"u", Of(NANOARROW_TYPE_UINT64),
        [](ArrowArray* column) {
          Must(ArrowArrayAppendUInt(column, UINT64_MAX));
          Must(ArrowArrayAppendNull(column, 1));
        }},
       {"d", Of(NANOARROW_TYPE_DOUBLE),
        [](ArrowArray* column) {
          Must(ArrowArrayAppendDouble(column, 2));
          Must(ArrowArrayAppendDouble(column, std::nan("")));
        }},
       {"f", Of(NANOARROW_TYPE_FLOAT),
        [](ArrowArray* column) {
          Must(ArrowArrayAppendDouble(column, 0.1f));
          Must(ArrowArrayAppendDouble(column, INFINITY));
        }},
       {"b", Of(NANOARROW_TYPE_BOOL), Ints({1, 0})},
       {"a \"quoted\" name", Of(NANOARROW_TYPE_STRING), Texts({"x\ny", nullptr})},
       {"v", Of(NANOARROW_TYPE_STRING_VIEW), Texts({nullptr, "a text longer than twelve bytes"})},
       {"n", Of(NANOARROW_TYPE_NA), [](ArrowArray* column) { Must(ArrowArrayAppendNull(column, 2)); }}},
      2);
  const auto rows = batch.Rows(2);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(*rows, (Rows{R"({"i":-5,"u":18446744073709551615,"d":2.0,"f":0.1,"b":true,"a \"quoted\" name":"x\ny"})",
                         R"({"i":7,"b":false,"v":"a text longer than twelve bytes"})"}));
}

TEST(ArrowPayloads, DatesAndTimes) {
  const auto timestamp = [](ArrowTimeUnit unit, const char* zone) {
    return [unit, zone](ArrowSchema* schema) {
      Must(ArrowSchemaSetTypeDateTime(schema, NANOARROW_TYPE_TIMESTAMP, unit, zone));
    };
  };
  const BatchBuilder batch({{"day", Of(NANOARROW_TYPE_DATE32), Ints({0, -1})},
                            {"milli", Of(NANOARROW_TYPE_DATE64), Ints({86400000, -86400000})},
                            {"s", timestamp(NANOARROW_TIME_UNIT_SECOND, nullptr), Ints({1700000000, -1})},
                            {"us", timestamp(NANOARROW_TIME_UNIT_MICRO, "UTC"), Ints({1, -1})}},
                           2);
  const auto rows = batch.Rows(2);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)[0], R"({"day":"1970-01-01","milli":"1970-01-02","s":"2023-11-14T22:13:20",)"
                        R"("us":"1970-01-01T00:00:00.000001000Z"})");
  EXPECT_EQ((*rows)[1], R"({"day":"1969-12-31","milli":"1969-12-31","s":"1969-12-31T23:59:59",)"
                        R"("us":"1969-12-31T23:59:59.999999000Z"})");
  const BatchBuilder late({{"s", timestamp(NANOARROW_TIME_UNIT_SECOND, nullptr), Ints({int64_t{1} << 40})}}, 1);
  EXPECT_THAT(std::string(late.Rows(1).status().message()), HasSubstr("row 0 of `s`"));
}

void FillList(ArrowArray* column) {
  Must(ArrowArrayAppendInt(column->children[0], 1));
  Must(ArrowArrayAppendNull(column->children[0], 1));
  Must(ArrowArrayFinishElement(column));
  Must(ArrowArrayFinishElement(column));
  Must(ArrowArrayAppendInt(column->children[0], 3));
  Must(ArrowArrayFinishElement(column));
}

TEST(ArrowPayloads, ListsStructsAndDictionariesAlsoFromTheMiddle) {
  BatchBuilder batch({{"list",
                       [](ArrowSchema* schema) {
                         Must(ArrowSchemaSetType(schema, NANOARROW_TYPE_LIST));
                         Must(ArrowSchemaSetType(schema->children[0], NANOARROW_TYPE_INT32));
                       },
                       FillList},
                      {"pair",
                       [](ArrowSchema* schema) {
                         Must(ArrowSchemaSetTypeFixedSize(schema, NANOARROW_TYPE_FIXED_SIZE_LIST, 2));
                         Must(ArrowSchemaSetType(schema->children[0], NANOARROW_TYPE_INT8));
                       },
                       [](ArrowArray* column) {
                         for (int64_t i = 0; i < 3; ++i) {
                           Must(ArrowArrayAppendInt(column->children[0], i));
                           Must(ArrowArrayAppendInt(column->children[0], -i));
                           Must(ArrowArrayFinishElement(column));
                         }
                       }},
                      {"inner",
                       [](ArrowSchema* schema) {
                         Must(ArrowSchemaSetTypeStruct(schema, 1));
                         Must(ArrowSchemaSetType(schema->children[0], NANOARROW_TYPE_STRING));
                         Must(ArrowSchemaSetName(schema->children[0], "x"));
                       },
                       [](ArrowArray* column) {
                         for (const char* text : {"p", "q", "r"}) {
                           Must(ArrowArrayAppendString(column->children[0], ArrowCharView(text)));
                           Must(ArrowArrayFinishElement(column));
                         }
                       }},
                      {"word",
                       [](ArrowSchema* schema) {
                         Must(ArrowSchemaSetType(schema, NANOARROW_TYPE_INT8));
                         Must(ArrowSchemaAllocateDictionary(schema));
                         ArrowSchemaInit(schema->dictionary);
                         Must(ArrowSchemaSetType(schema->dictionary, NANOARROW_TYPE_STRING));
                       },
                       [](ArrowArray* column) {
                         Texts({"red", "blue"})(column->dictionary);
                         Ints({1, 0, 1})(column);
                       }}},
                     3);
  const Rows expected = {R"({"list":[1,null],"pair":[0,0],"inner":{"x":"p"},"word":"blue"})",
                         R"({"list":[],"pair":[1,-1],"inner":{"x":"q"},"word":"red"})",
                         R"({"list":[3],"pair":[2,-2],"inner":{"x":"r"},"word":"blue"})"};
  const auto rows = batch.Rows(3);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(*rows, expected);
  batch.array()->offset = 1;
  batch.array()->length = 2;
  const auto rest = batch.Rows(2);
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_EQ(*rest, Rows(expected.begin() + 1, expected.end()));
}

TEST(ArrowPayloads, NamesWhatItCannotTake) {
  const auto message = [](const BatchBuilder::Field& field, uint64_t count) {
    return std::string(BatchBuilder({field}, 1).Rows(count).status().message());
  };
  const BatchBuilder::Field number = {"n", Of(NANOARROW_TYPE_INT8), Ints({1})};
  EXPECT_THAT(message(number, 2), HasSubstr("1 rows for 2 points"));
  EXPECT_THAT(
      message({"raw", Of(NANOARROW_TYPE_BINARY), [](ArrowArray* column) { Must(ArrowArrayAppendNull(column, 1)); }}, 1),
      HasSubstr("`raw` is of type binary"));
  EXPECT_THAT(message({"t", Of(NANOARROW_TYPE_STRING), Texts({"\xff"})}, 1), HasSubstr("row 0 of `t` is not UTF-8"));
  EXPECT_THAT(std::string(BatchBuilder({number, number}, 1).Rows(1).status().message()), HasSubstr("two named `n`"));
}

}  // namespace
}  // namespace sextant::c_api
