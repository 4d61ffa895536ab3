package main

import (
	"fmt"
	"log"
	"math"
	"reflect"

	"github.com/qdrant/go-client/qdrant"
)

// The eighth point's id.
const u8 = "00000000-0000-0000-0000-000000000008"

var (
	cities    = []string{"Berlin", "London", "Moscow"}
	firstAxis = []float32{1, 0, 0, 0}
)

func pointID(number uint64) *qdrant.PointId {
	if number == 8 {
		return qdrant.NewID(u8)
	}
	return qdrant.NewIDNum(number)
}

func pointIDs(numbers ...uint64) []*qdrant.PointId {
	ids := []*qdrant.PointId{}
	for _, number := range numbers {
		ids = append(ids, pointID(number))
	}
	return ids
}

func payloadOf(number int64) map[string]any {
	kind := "even"
	if number%2 == 1 {
		kind = "odd"
	}
	return map[string]any{
		"city":    cities[number%3],
		"count":   number,
		"price":   float64(number) + 0.25,
		"ok":      number%2 == 0,
		"when":    fmt.Sprintf("2024-01-0%dT00:00:00Z", number),
		"place":   map[string]any{"lon": 10 + number, "lat": int64(50)},
		"tags":    []any{"all", kind},
		"title":   fmt.Sprintf("Point number %d größer", number),
		"uid":     fmt.Sprintf("00000000-0000-0000-0000-00000000000%d", number),
		"meta":    map[string]any{"deep": map[string]any{"level": number}},
		"parts":   []any{map[string]any{"kind": "a", "size": number}, map[string]any{"kind": "b", "size": -number}},
		"nothing": nil,
	}
}

func vectorsOf(number int64) map[string][]float32 {
	value := float32(number)
	return map[string][]float32{"image": {value, float32(number % 3), 1, 0}, "text": {value, 0, 0}}
}

func point(number int64, payload map[string]any) *qdrant.PointStruct {
	vectors := map[string]*qdrant.Vector{}
	for name, vector := range vectorsOf(number) {
		vectors[name] = qdrant.NewVectorDense(vector)
	}
	return &qdrant.PointStruct{
		Id:      pointID(uint64(number)),
		Vectors: qdrant.NewVectorsMap(vectors),
		Payload: qdrant.NewValueMap(payload),
	}
}

// fromValue is the opposite of qdrant.NewValue.
func fromValue(value *qdrant.Value) any {
	switch kind := value.GetKind().(type) {
	case *qdrant.Value_BoolValue:
		return kind.BoolValue
	case *qdrant.Value_IntegerValue:
		return kind.IntegerValue
	case *qdrant.Value_DoubleValue:
		return kind.DoubleValue
	case *qdrant.Value_StringValue:
		return kind.StringValue
	case *qdrant.Value_StructValue:
		return fromPayload(kind.StructValue.GetFields())
	case *qdrant.Value_ListValue:
		list := []any{}
		for _, one := range kind.ListValue.GetValues() {
			list = append(list, fromValue(one))
		}
		return list
	}
	return nil
}

func fromPayload(payload map[string]*qdrant.Value) map[string]any {
	fields := map[string]any{}
	for key, value := range payload {
		fields[key] = fromValue(value)
	}
	return fields
}

func textOf(id *qdrant.PointId) string {
	if id.GetUuid() != "" {
		return id.GetUuid()
	}
	return fmt.Sprint(id.GetNum())
}

func idsOf(hits []*qdrant.ScoredPoint) []string {
	ids := []string{}
	for _, hit := range hits {
		ids = append(ids, textOf(hit.GetId()))
	}
	return ids
}

func recordIDs(records []*qdrant.RetrievedPoint) []string {
	ids := []string{}
	for _, record := range records {
		ids = append(ids, textOf(record.GetId()))
	}
	return ids
}

func expect(what string, got, wanted any) {
	if !reflect.DeepEqual(got, wanted) {
		log.Fatalf("scenario failed: %s: got %v (%T), wanted %v (%T)", what, got, got, wanted, wanted)
	}
}

func expectScores(what string, hits []*qdrant.ScoredPoint, wanted ...float64) {
	expect(what+": number of hits", len(hits), len(wanted))
	for at, hit := range hits {
		if math.Abs(float64(hit.GetScore())-wanted[at]) > 1e-5 {
			log.Fatalf("scenario failed: %s: got %v at %d, wanted %v", what, hit.GetScore(), at, wanted[at])
		}
	}
}

// succeed ends the program when a call failed, and hands its answer on.
func succeed[T any](answer T, err error) T {
	if err != nil {
		log.Fatalf("scenario failed: %v", err)
	}
	return answer
}

func succeedOnly(err error) {
	succeed(0, err)
}
