// The scenario of ../README.md through the official client for Go.
package main

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/types/known/timestamppb"
)

var ctx = context.Background()

type scenario struct {
	client *qdrant.Client
	name   string
	alias  string
}

func must(conditions ...*qdrant.Condition) *qdrant.Filter {
	return &qdrant.Filter{Must: conditions}
}

func city(name string) *qdrant.Condition {
	return qdrant.NewMatch("city", name)
}

func (s scenario) listed() bool {
	return slices.Contains(succeed(s.client.ListCollections(ctx)), s.name)
}

func (s scenario) create() {
	expect("exists before", succeed(s.client.CollectionExists(ctx, s.name)), false)
	vectors := map[string]*qdrant.VectorParams{
		"image": {Size: 4, Distance: qdrant.Distance_Dot},
		"text":  {Size: 3, Distance: qdrant.Distance_Euclid},
	}
	request := &qdrant.CreateCollection{CollectionName: s.name, VectorsConfig: qdrant.NewVectorsConfigMap(vectors)}
	succeedOnly(s.client.CreateCollection(ctx, request))
	expect("exists", succeed(s.client.CollectionExists(ctx, s.name)), true)
	told := succeed(s.client.GetCollectionInfo(ctx, s.name)).GetConfig().GetParams().GetVectorsConfig().GetParamsMap().GetMap()
	expect("size", told["image"].GetSize(), uint64(4))
	expect("distance", told["text"].GetDistance(), qdrant.Distance_Euclid)
	expect("listed", s.listed(), true)
	succeedOnly(s.client.CreateAlias(ctx, s.alias, s.name))
	expect("aliases", succeed(s.client.ListCollectionAliases(ctx, s.name)), []string{s.alias})
}

func (s scenario) createIndexes() {
	indexes := map[string]qdrant.FieldType{
		"city":  qdrant.FieldType_FieldTypeKeyword,
		"price": qdrant.FieldType_FieldTypeFloat,
		"count": qdrant.FieldType_FieldTypeInteger,
		"ok":    qdrant.FieldType_FieldTypeBool,
		"when":  qdrant.FieldType_FieldTypeDatetime,
		"place": qdrant.FieldType_FieldTypeGeo,
		"title": qdrant.FieldType_FieldTypeText,
		"uid":   qdrant.FieldType_FieldTypeUuid,
	}
	for field, kind := range indexes {
		request := &qdrant.CreateFieldIndexCollection{
			CollectionName: s.name, FieldName: field, FieldType: kind.Enum(), Wait: qdrant.PtrOf(true),
		}
		succeed(s.client.CreateFieldIndex(ctx, request))
	}
	schema := succeed(s.client.GetCollectionInfo(ctx, s.name)).GetPayloadSchema()
	for field, kind := range indexes {
		// In answers the kinds are numbered from 1.
		expect(field, int32(schema[field].GetDataType()), int32(kind)+1)
	}
}

func (s scenario) count(filter *qdrant.Filter) uint64 {
	return succeed(s.client.Count(ctx, &qdrant.CountPoints{CollectionName: s.name, Filter: filter, Exact: qdrant.PtrOf(true)}))
}

func (s scenario) retrieve(numbers ...uint64) []*qdrant.RetrievedPoint {
	return succeed(s.client.Get(ctx, &qdrant.GetPoints{
		CollectionName: s.name, Ids: pointIDs(numbers...),
		WithPayload: qdrant.NewWithPayload(true), WithVectors: qdrant.NewWithVectors(true),
	}))
}

func (s scenario) payload(number uint64) map[string]any {
	return fromPayload(s.retrieve(number)[0].GetPayload())
}

func (s scenario) upsert() {
	request := &qdrant.UpsertPoints{CollectionName: s.name, Wait: qdrant.PtrOf(true)}
	for number := int64(1); number <= 8; number++ {
		request.Points = append(request.Points, point(number, payloadOf(number)))
	}
	expect("upsert", succeed(s.client.Upsert(ctx, request)).GetStatus(), qdrant.UpdateStatus_Completed)
	expect("count", s.count(nil), uint64(8))
	records := s.retrieve(1, 8)
	expect("retrieved", recordIDs(records), []string{"1", u8})
	for at, number := range []int64{1, 8} {
		expect("payload", fromPayload(records[at].GetPayload()), payloadOf(number))
		vectors := map[string][]float32{}
		for name, vector := range records[at].GetVectors().GetVectors().GetVectors() {
			vectors[name] = vector.GetDense().GetData()
		}
		expect("vectors", vectors, vectorsOf(number))
	}
}

func (s scenario) upsertConditionally() {
	payload := payloadOf(1)
	payload["city"] = "Paris"
	request := &qdrant.UpsertPoints{
		CollectionName: s.name, Wait: qdrant.PtrOf(true), Points: []*qdrant.PointStruct{point(1, payload)},
	}
	request.UpdateFilter = must(qdrant.NewMatchInt("count", 1000))
	succeed(s.client.Upsert(ctx, request))
	expect("city after a condition that fails", s.payload(1)["city"], "London")
	request.UpdateFilter = must(qdrant.NewMatchInt("count", 1))
	succeed(s.client.Upsert(ctx, request))
	expect("city after a condition that holds", s.payload(1)["city"], "Paris")
	succeed(s.client.Upsert(ctx, &qdrant.UpsertPoints{
		CollectionName: s.name, Wait: qdrant.PtrOf(true), Points: []*qdrant.PointStruct{point(1, payloadOf(1))},
		UpdateMode: qdrant.UpdateMode_InsertOnly.Enum(),
	}))
	expect("city after insert only", s.payload(1)["city"], "Paris")
}

func (s scenario) countByFilters() {
	later := timestamppb.New(time.Date(2024, 1, 5, 0, 0, 0, 0, time.UTC))
	above := qdrant.NewRange("size", &qdrant.Range{Gt: qdrant.PtrOf(6.0)})
	some := []*qdrant.Condition{qdrant.NewMatchInt("count", 3), city("Berlin"), qdrant.NewMatchBool("ok", true)}
	between := &qdrant.Range{Gte: qdrant.PtrOf(5.25), Lt: qdrant.PtrOf(7.25)}
	wanted := []struct {
		filter *qdrant.Filter
		count  uint64
	}{
		{must(city("Moscow")), 3},
		{must(qdrant.NewMatch("uid", "00000000-0000-0000-0000-000000000003")), 1},
		{must(qdrant.NewMatchKeywords("tags", "odd", "none")), 4},
		{must(qdrant.NewMatchExceptInts("count", 1, 2)), 6},
		{must(qdrant.NewMatchText("title", "number 3")), 1},
		{must(qdrant.NewRange("price", between)), 2},
		{must(qdrant.NewDatetimeRange("when", &qdrant.DatetimeRange{Gte: later})), 4},
		{must(qdrant.NewGeoRadius("place", 50, 12, 100_000)), 3},
		{must(qdrant.NewValuesCount("tags", &qdrant.ValuesCount{Gte: qdrant.PtrOf(uint64(2))})), 8},
		{must(qdrant.NewIsNull("nothing")), 8},
		{must(qdrant.NewIsEmpty("city")), 0},
		{must(qdrant.NewHasID(pointIDs(1, 2, 8, 77)...)), 3},
		{must(qdrant.NewHasVector("text")), 8},
		{must(qdrant.NewNestedFilter("parts", must(qdrant.NewMatch("kind", "a"), above))), 2},
		{&qdrant.Filter{MustNot: []*qdrant.Condition{qdrant.NewMatchBool("ok", true)}}, 4},
		{&qdrant.Filter{Should: []*qdrant.Condition{qdrant.NewMatchInt("count", 1), city("Berlin")}}, 3},
		{&qdrant.Filter{MinShould: &qdrant.MinShould{Conditions: some, MinCount: 2}}, 2},
	}
	for _, one := range wanted {
		expect("count of "+one.filter.String(), s.count(one.filter), one.count)
	}
	hits := succeed(s.client.Query(ctx, &qdrant.QueryPoints{
		CollectionName: s.alias, Query: qdrant.NewQueryDense(firstAxis), Using: qdrant.PtrOf("image"),
		Filter: must(city("Berlin"), qdrant.NewRange("price", &qdrant.Range{Gte: qdrant.PtrOf(5.0)})),
	}))
	expect("filtered, by alias", idsOf(hits), []string{"6"})
}

// ask queries `using` (unless it is empty) for the best `limit` points.
func (s scenario) ask(query *qdrant.Query, using string, limit uint64, prefetch ...*qdrant.PrefetchQuery) []*qdrant.ScoredPoint {
	request := &qdrant.QueryPoints{CollectionName: s.name, Query: query, Limit: &limit, Prefetch: prefetch}
	request.WithPayload = qdrant.NewWithPayload(true)
	if using != "" {
		request.Using = &using
	}
	return succeed(s.client.Query(ctx, request))
}

func prefetch(vector []float32, using string, limit uint64) *qdrant.PrefetchQuery {
	return &qdrant.PrefetchQuery{Query: qdrant.NewQueryDense(vector), Using: &using, Limit: &limit}
}

func (s scenario) query() {
	hits := s.ask(qdrant.NewQueryDense(firstAxis), "image", 3)
	expect("nearest", idsOf(hits), []string{u8, "7", "6"})
	expectScores("scores", hits, 8, 7, 6)
	expect("payload of a hit", fromPayload(hits[1].GetPayload()), payloadOf(7))
	hits = s.ask(qdrant.NewQuery(5.2, 0, 0), "text", 2)
	expect("nearest by distance", idsOf(hits), []string{"5", "6"})
	expectScores("distances", hits, 0.2, 0.8)
	images, texts := prefetch(firstAxis, "image", 3), prefetch([]float32{6.2, 0, 0}, "text", 3)
	hits = s.ask(qdrant.NewQueryFusion(qdrant.Fusion_RRF), "", 10, images, texts)
	expect("fused", idsOf(hits), []string{"6", "7", u8, "5"})
	expectScores("fused scores", hits, 0.75, 2.0/3, 0.5, 0.25)
	recommend := &qdrant.RecommendInput{Positive: []*qdrant.VectorInput{qdrant.NewVectorInputID(pointID(1))}}
	expect("recommend", idsOf(s.ask(qdrant.NewQueryRecommend(recommend), "image", 2)), []string{u8, "7"})
	pair := &qdrant.ContextInputPair{
		Positive: qdrant.NewVectorInputID(pointID(7)), Negative: qdrant.NewVectorInputID(pointID(1)),
	}
	discover := &qdrant.DiscoverInput{
		Target: qdrant.NewVectorInputDense(firstAxis), Context: &qdrant.ContextInput{Pairs: []*qdrant.ContextInputPair{pair}},
	}
	expect("discover", idsOf(s.ask(qdrant.NewQueryDiscover(discover), "image", 1)), []string{u8})
	order := &qdrant.OrderBy{Key: "count", Direction: qdrant.Direction_Desc.Enum(), StartFrom: qdrant.NewStartFromInt(5)}
	expect("order_by", idsOf(s.ask(qdrant.NewQueryOrderBy(order), "", 2)), []string{"5", "4"})
	odd := qdrant.NewExpressionCondition(qdrant.NewMatchBool("ok", false))
	boost := &qdrant.MultExpression{Mult: []*qdrant.Expression{qdrant.NewExpressionConstant(10), odd}}
	sum := []*qdrant.Expression{qdrant.NewExpressionVariable("$score"), qdrant.NewExpressionMult(boost)}
	formula := &qdrant.Formula{Expression: qdrant.NewExpressionSum(&qdrant.SumExpression{Sum: sum})}
	hits = s.ask(qdrant.NewQueryFormula(formula), "", 2, prefetch(firstAxis, "image", 8))
	expect("formula", idsOf(hits), []string{"7", "5"})
	expectScores("formula scores", hits, 17, 15)
}

func (s scenario) summarize() {
	nearest := &qdrant.QueryPoints{
		CollectionName: s.name, Query: qdrant.NewQueryDense(firstAxis), Using: qdrant.PtrOf("image"), Limit: qdrant.PtrOf(uint64(1)),
	}
	first := &qdrant.QueryPoints{CollectionName: s.name, Limit: qdrant.PtrOf(uint64(2))}
	batch := &qdrant.QueryBatchPoints{CollectionName: s.name, QueryPoints: []*qdrant.QueryPoints{nearest, first}}
	answers := succeed(s.client.QueryBatch(ctx, batch))
	expect("batch", idsOf(answers[0].GetResult()), []string{u8})
	expect("second of the batch", idsOf(answers[1].GetResult()), []string{"1", "2"})
	groups := succeed(s.client.QueryGroups(ctx, &qdrant.QueryPointGroups{
		CollectionName: s.name, Query: qdrant.NewQueryDense(firstAxis), Using: qdrant.PtrOf("image"), GroupBy: "city",
		Limit: qdrant.PtrOf(uint64(2)), GroupSize: qdrant.PtrOf(uint64(1)),
	}))
	expect("groups", len(groups), 2)
	expect("first group", groups[0].GetId().GetStringValue(), "Moscow")
	expect("second group", idsOf(groups[1].GetHits()), []string{"7"})
	facet := &qdrant.FacetCounts{CollectionName: s.name, Key: "city", Exact: qdrant.PtrOf(true)}
	counts := []uint64{}
	for _, hit := range succeed(s.client.Facet(ctx, facet)) {
		counts = append(counts, hit.GetCount())
	}
	expect("facet", counts, []uint64{3, 2, 2, 1})
	matrix := succeed(s.client.SearchMatrixPairs(ctx, &qdrant.SearchMatrixPoints{
		CollectionName: s.name, Filter: must(qdrant.NewHasID(pointIDs(1, 2, 8)...)), Using: qdrant.PtrOf("image"),
		Sample: qdrant.PtrOf(uint64(10)), Limit: qdrant.PtrOf(uint64(1)),
	}))
	pairs := []string{}
	for _, pair := range matrix.GetPairs() {
		pairs = append(pairs, textOf(pair.GetA())+" "+textOf(pair.GetB()))
	}
	expect("matrix", pairs, []string{"1 " + u8, "2 " + u8, u8 + " 2"})
}

func (s scenario) scroll() {
	request := &qdrant.ScrollPoints{CollectionName: s.name, Limit: qdrant.PtrOf(uint32(5))}
	records, next, err := s.client.ScrollAndOffset(ctx, request)
	succeedOnly(err)
	expect("first page", recordIDs(records), []string{"1", "2", "3", "4", "5"})
	request.Offset = next
	records, next, err = s.client.ScrollAndOffset(ctx, request)
	succeedOnly(err)
	expect("last page", recordIDs(records), []string{"6", "7", u8})
	expect("no further page", next == nil, true)
	request = &qdrant.ScrollPoints{CollectionName: s.name, Limit: qdrant.PtrOf(uint32(3))}
	request.OrderBy = &qdrant.OrderBy{Key: "count", Direction: qdrant.Direction_Desc.Enum()}
	expect("in order", recordIDs(succeed(s.client.Scroll(ctx, request))), []string{u8, "7", "6"})
}

func (s scenario) changePayloads() {
	set := func(payload map[string]any, points *qdrant.PointsSelector) *qdrant.SetPayloadPoints {
		return &qdrant.SetPayloadPoints{
			CollectionName: s.name, Wait: qdrant.PtrOf(true), Payload: qdrant.NewValueMap(payload), PointsSelector: points,
		}
	}
	color, red := map[string]any{"color": "red"}, must(qdrant.NewMatch("color", "red"))
	succeed(s.client.SetPayload(ctx, set(color, qdrant.NewPointsSelectorIDs(pointIDs(2, 3)))))
	succeed(s.client.SetPayload(ctx, set(color, qdrant.NewPointsSelectorFilter(must(city("Berlin"))))))
	expect("red", s.count(red), uint64(3))
	succeed(s.client.DeletePayload(ctx, &qdrant.DeletePayloadPoints{
		CollectionName: s.name, Wait: qdrant.PtrOf(true), Keys: []string{"color"},
		PointsSelector: qdrant.NewPointsSelectorIDs(pointIDs(3, 6)),
	}))
	expect("red after delete", s.count(red), uint64(1))
	count := map[string]any{"count": int64(4)}
	succeed(s.client.OverwritePayload(ctx, set(count, qdrant.NewPointsSelectorIDs(pointIDs(4)))))
	expect("overwritten", s.payload(4), count)
	succeed(s.client.ClearPayload(ctx, &qdrant.ClearPayloadPoints{
		CollectionName: s.name, Wait: qdrant.PtrOf(true), Points: qdrant.NewPointsSelectorIDs(pointIDs(5)),
	}))
	expect("cleared", s.payload(5), map[string]any{})
}

func (s scenario) changeVectors() {
	moved := qdrant.NewVectorsMap(map[string]*qdrant.Vector{"text": qdrant.NewVector(100, 0, 0)})
	succeed(s.client.UpdateVectors(ctx, &qdrant.UpdatePointVectors{
		CollectionName: s.name, Wait: qdrant.PtrOf(true), Points: []*qdrant.PointVectors{{Id: pointID(1), Vectors: moved}},
	}))
	expect("moved", idsOf(s.ask(qdrant.NewQuery(99, 0, 0), "text", 1)), []string{"1"})
	succeed(s.client.DeleteVectors(ctx, &qdrant.DeletePointVectors{
		CollectionName: s.name, Wait: qdrant.PtrOf(true), Vectors: &qdrant.VectorsSelector{Names: []string{"text"}},
		PointsSelector: qdrant.NewPointsSelectorIDs(pointIDs(2)),
	}))
	expect("points with a text", s.count(must(qdrant.NewHasVector("text"))), uint64(7))
}

func (s scenario) deletePoints() {
	remove := func(points *qdrant.PointsSelector) {
		succeed(s.client.Delete(ctx, &qdrant.DeletePoints{CollectionName: s.name, Wait: qdrant.PtrOf(true), Points: points}))
	}
	remove(qdrant.NewPointsSelectorIDs(pointIDs(1)))
	remove(qdrant.NewPointsSelectorFilter(must(city("Berlin"))))
	left := succeed(s.client.Scroll(ctx, &qdrant.ScrollPoints{CollectionName: s.name}))
	expect("left", recordIDs(left), []string{"2", "4", "5", "7", u8})
}

func (s scenario) refuse() {
	short := &qdrant.QueryPoints{CollectionName: s.name, Query: qdrant.NewQuery(1), Using: qdrant.PtrOf("image")}
	_, err := s.client.Query(ctx, short)
	expect("a vector of the wrong length is refused", err != nil && strings.Contains(err.Error(), "expected dim: 4, got 1"), true)
	_, err = s.client.Count(ctx, &qdrant.CountPoints{CollectionName: "no-such-collection"})
	expect("an absent collection is named", err != nil && strings.Contains(err.Error(), "no-such-collection"), true)
}

func (s scenario) drop() {
	succeedOnly(s.client.DeleteAlias(ctx, s.alias))
	expect("aliases", len(succeed(s.client.ListCollectionAliases(ctx, s.name))), 0)
	succeedOnly(s.client.DeleteCollection(ctx, s.name))
	expect("listed", s.listed(), false)
}

func main() {
	host, name := os.Args[1], os.Args[4]
	port := succeed(strconv.Atoi(os.Args[3]))
	client := succeed(qdrant.NewClient(&qdrant.Config{Host: host, Port: port}))
	s := scenario{client, name, name + "-alias"}
	s.create()
	s.createIndexes()
	s.upsert()
	s.upsertConditionally()
	s.countByFilters()
	s.query()
	s.summarize()
	s.scroll()
	s.changePayloads()
	s.changeVectors()
	s.deletePoints()
	s.refuse()
	s.drop()
}
