#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "points.pb.h"
#include "points/point.h"
#include "service/inference.h"
#include "types/vector_value.h"

namespace sextant::wire {

// Vectors of points. The older flat members are understood too. kFormat for a vector without a form, a sparse vector
// with unequal counts, kValidation for repeated indices and rows of unequal or no length; the errors of
// service::Infer. Whether the kind fits the collection is for the service to say.
Result<VectorValue> ConvertVector(const qdrant::Vector& vector, service::VectorUse use);
Result<std::vector<NamedVector>> ConvertVectors(const qdrant::Vectors& vectors);

// The forms that a vector takes, for queries too.
DenseVector ConvertDense(const google::protobuf::RepeatedField<float>& values);
Result<SparseVector> ConvertSparse(const google::protobuf::RepeatedField<uint32_t>& indices,
                                   const google::protobuf::RepeatedField<float>& values);
Result<MultiVector> ConvertMulti(const qdrant::MultiDenseVector& rows);
// What a model makes of a text; the errors of service::Infer.
Result<VectorValue> ConvertDocument(const qdrant::Document& document, service::VectorUse use);
// What no model makes: the error that says so.
Result<VectorValue> ConvertNoText(service::InferenceInput::Kind kind, const std::string& model);

// A lone unnamed vector stands alone, anything else is a map. Only the newer members are filled.
void FillVectors(const std::vector<NamedVector>& vectors, qdrant::VectorsOutput* out);

}  // namespace sextant::wire
