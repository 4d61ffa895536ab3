import static io.qdrant.client.ConditionFactory.datetimeRange;
import static io.qdrant.client.ConditionFactory.geoRadius;
import static io.qdrant.client.ConditionFactory.hasId;
import static io.qdrant.client.ConditionFactory.hasVector;
import static io.qdrant.client.ConditionFactory.isEmpty;
import static io.qdrant.client.ConditionFactory.isNull;
import static io.qdrant.client.ConditionFactory.match;
import static io.qdrant.client.ConditionFactory.matchExceptValues;
import static io.qdrant.client.ConditionFactory.matchKeyword;
import static io.qdrant.client.ConditionFactory.matchKeywords;
import static io.qdrant.client.ConditionFactory.matchText;
import static io.qdrant.client.ConditionFactory.nested;
import static io.qdrant.client.ConditionFactory.range;
import static io.qdrant.client.ConditionFactory.valuesCount;
import static io.qdrant.client.ExpressionFactory.condition;
import static io.qdrant.client.ExpressionFactory.constant;
import static io.qdrant.client.ExpressionFactory.mult;
import static io.qdrant.client.ExpressionFactory.sum;
import static io.qdrant.client.ExpressionFactory.variable;
import static io.qdrant.client.QueryFactory.discover;
import static io.qdrant.client.QueryFactory.formula;
import static io.qdrant.client.QueryFactory.fusion;
import static io.qdrant.client.QueryFactory.nearest;
import static io.qdrant.client.QueryFactory.orderBy;
import static io.qdrant.client.QueryFactory.recommend;
import static io.qdrant.client.ValueFactory.value;
import static io.qdrant.client.VectorFactory.vector;
import static io.qdrant.client.VectorInputFactory.vectorInput;
import static io.qdrant.client.VectorsFactory.namedVectors;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Timestamp;
import io.qdrant.client.QdrantClient;
import io.qdrant.client.QdrantGrpcClient;
import io.qdrant.client.WithPayloadSelectorFactory;
import io.qdrant.client.grpc.Collections.Distance;
import io.qdrant.client.grpc.Collections.PayloadSchemaType;
import io.qdrant.client.grpc.Collections.VectorParams;
import io.qdrant.client.grpc.Common.Condition;
import io.qdrant.client.grpc.Common.DatetimeRange;
import io.qdrant.client.grpc.Common.Filter;
import io.qdrant.client.grpc.Common.MinShould;
import io.qdrant.client.grpc.Common.Range;
import io.qdrant.client.grpc.Common.ValuesCount;
import io.qdrant.client.grpc.JsonWithInt.Value;
import io.qdrant.client.grpc.Points.ContextInput;
import io.qdrant.client.grpc.Points.ContextInputPair;
import io.qdrant.client.grpc.Points.Direction;
import io.qdrant.client.grpc.Points.DiscoverInput;
import io.qdrant.client.grpc.Points.FacetCounts;
import io.qdrant.client.grpc.Points.FacetHit;
import io.qdrant.client.grpc.Points.Formula;
import io.qdrant.client.grpc.Points.Fusion;
import io.qdrant.client.grpc.Points.MultExpression;
import io.qdrant.client.grpc.Points.OrderBy;
import io.qdrant.client.grpc.Points.PointStruct;
import io.qdrant.client.grpc.Points.PointVectors;
import io.qdrant.client.grpc.Points.PrefetchQuery;
import io.qdrant.client.grpc.Points.QueryPointGroups;
import io.qdrant.client.grpc.Points.QueryPoints;
import io.qdrant.client.grpc.Points.RecommendInput;
import io.qdrant.client.grpc.Points.RetrievedPoint;
import io.qdrant.client.grpc.Points.ScoredPoint;
import io.qdrant.client.grpc.Points.ScrollPoints;
import io.qdrant.client.grpc.Points.ScrollResponse;
import io.qdrant.client.grpc.Points.SearchMatrixPoints;
import io.qdrant.client.grpc.Points.SearchPoints;
import io.qdrant.client.grpc.Points.StartFrom;
import io.qdrant.client.grpc.Points.SumExpression;
import io.qdrant.client.grpc.Points.UpdateMode;
import io.qdrant.client.grpc.Points.UpdateStatus;
import io.qdrant.client.grpc.Points.UpsertPoints;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** The scenario of ../README.md through the official client for Java. */
public final class Scenario {
  private final QdrantClient client;
  private final String name;
  private final String alias;

  private Scenario(QdrantClient client, String name) {
    this.client = client;
    this.name = name;
    this.alias = name + "-alias";
  }

  private static <T> T wait(ListenableFuture<T> answer) throws Exception {
    return answer.get(60, TimeUnit.SECONDS);
  }

  private static Filter must(Condition... conditions) {
    return Filter.newBuilder().addAllMust(List.of(conditions)).build();
  }

  private static Condition city(String name) {
    return matchKeyword("city", name);
  }

  private void create() throws Exception {
    Data.expect("exists before", wait(client.collectionExistsAsync(name)), false);
    VectorParams image = VectorParams.newBuilder().setSize(4).setDistance(Distance.Dot).build();
    VectorParams text = VectorParams.newBuilder().setSize(3).setDistance(Distance.Euclid).build();
    wait(client.createCollectionAsync(name, Map.of("image", image, "text", text)));
    Data.expect("exists", wait(client.collectionExistsAsync(name)), true);
    var params = wait(client.getCollectionInfoAsync(name)).getConfig().getParams();
    Data.expect("vectors", params.getVectorsConfig().getParamsMap().getMapMap(), Map.of("image", image, "text", text));
    Data.expect("listed", wait(client.listCollectionsAsync()).contains(name), true);
    wait(client.createAliasAsync(alias, name));
    Data.expect("aliases", wait(client.listCollectionAliasesAsync(name)), List.of(alias));
  }

  private void createIndexes() throws Exception {
    Map<String, PayloadSchemaType> indexes =
        Map.of(
            "city", PayloadSchemaType.Keyword,
            "price", PayloadSchemaType.Float,
            "count", PayloadSchemaType.Integer,
            "ok", PayloadSchemaType.Bool,
            "when", PayloadSchemaType.Datetime,
            "place", PayloadSchemaType.Geo,
            "title", PayloadSchemaType.Text,
            "uid", PayloadSchemaType.Uuid);
    for (var index : indexes.entrySet()) {
      wait(client.createPayloadIndexAsync(name, index.getKey(), index.getValue(), null, true, null, null));
    }
    var schema = wait(client.getCollectionInfoAsync(name)).getPayloadSchemaMap();
    for (var index : indexes.entrySet()) {
      Data.expect(index.getKey(), schema.get(index.getKey()).getDataType(), index.getValue());
    }
  }

  private List<RetrievedPoint> retrieve(long... numbers) throws Exception {
    return wait(client.retrieveAsync(name, Data.pointIds(numbers), true, true, null));
  }

  private Map<String, Value> payload(long number) throws Exception {
    return retrieve(number).get(0).getPayloadMap();
  }

  private void upsert() throws Exception {
    List<PointStruct> points = LongStream.range(1, 9).mapToObj(number -> Data.point(number, Data.payloadOf(number))).toList();
    Data.expect("upsert", wait(client.upsertAsync(name, points)).getStatus(), UpdateStatus.Completed);
    Data.expect("count", wait(client.countAsync(name)), 8L);
    List<RetrievedPoint> retrieved = retrieve(1, 8);
    Data.expect("retrieved", Data.records(retrieved), List.of("1", Data.U8));
    for (int at = 0; at < 2; ++at) {
      long number = at == 0 ? 1 : 8;
      Data.expect("payload", retrieved.get(at).getPayloadMap(), Data.payloadOf(number));
      var vectors = retrieved.get(at).getVectors().getVectors().getVectorsMap();
      for (var wanted : Data.vectorsOf(number).entrySet()) {
        Data.expect("vector", vectors.get(wanted.getKey()).getDense().getDataList(), wanted.getValue());
      }
    }
  }

  private void upsertConditionally() throws Exception {
    Map<String, Value> payload = Data.payloadOf(1);
    payload.put("city", value("Paris"));
    UpsertPoints paris =
        UpsertPoints.newBuilder().setCollectionName(name).setWait(true).addPoints(Data.point(1, payload)).build();
    wait(client.upsertAsync(paris.toBuilder().setUpdateFilter(must(match("count", 1000))).build()));
    Data.expect("city after a condition that fails", payload(1).get("city"), value("London"));
    wait(client.upsertAsync(paris.toBuilder().setUpdateFilter(must(match("count", 1))).build()));
    Data.expect("city after a condition that holds", payload(1).get("city"), value("Paris"));
    PointStruct again = Data.point(1, Data.payloadOf(1));
    wait(client.upsertAsync(paris.toBuilder().setPoints(0, again).setUpdateMode(UpdateMode.InsertOnly).build()));
    Data.expect("city after insert only", payload(1).get("city"), value("Paris"));
  }

  private void expectCount(long wanted, Filter filter) throws Exception {
    Data.expect("count of " + filter, wait(client.countAsync(name, filter, true)), wanted);
  }

  private void countByFilters() throws Exception {
    Timestamp fifth = Timestamp.newBuilder().setSeconds(1704412800).build();
    Condition above = range("size", Range.newBuilder().setGt(6).build());
    List<Condition> some = List.of(match("count", 3), city("Berlin"), match("ok", true));
    expectCount(3, must(city("Moscow")));
    expectCount(1, must(matchKeyword("uid", "00000000-0000-0000-0000-000000000003")));
    expectCount(4, must(matchKeywords("tags", List.of("odd", "none"))));
    expectCount(6, must(matchExceptValues("count", List.of(1L, 2L))));
    expectCount(1, must(matchText("title", "number 3")));
    expectCount(2, must(range("price", Range.newBuilder().setGte(5.25).setLt(7.25).build())));
    expectCount(4, must(datetimeRange("when", DatetimeRange.newBuilder().setGte(fifth).build())));
    expectCount(3, must(geoRadius("place", 50, 12, 100_000)));
    expectCount(8, must(valuesCount("tags", ValuesCount.newBuilder().setGte(2).build())));
    expectCount(8, must(isNull("nothing")));
    expectCount(0, must(isEmpty("city")));
    expectCount(3, must(hasId(Data.pointIds(1, 2, 8, 77))));
    expectCount(8, must(hasVector("text")));
    expectCount(2, must(nested("parts", must(matchKeyword("kind", "a"), above))));
    expectCount(4, Filter.newBuilder().addMustNot(match("ok", true)).build());
    expectCount(3, Filter.newBuilder().addShould(match("count", 1)).addShould(city("Berlin")).build());
    MinShould two = MinShould.newBuilder().addAllConditions(some).setMinCount(2).build();
    expectCount(2, Filter.newBuilder().setMinShould(two).build());
    Filter filter = must(city("Berlin"), range("price", Range.newBuilder().setGte(5).build()));
    QueryPoints request = images().setCollectionName(alias).setFilter(filter).build();
    Data.expect("filtered, by alias", Data.hits(wait(client.queryAsync(request))), List.of("6"));
  }

  private QueryPoints.Builder images() {
    return ask().setQuery(nearest(Data.FIRST_AXIS)).setUsing("image");
  }

  private QueryPoints.Builder ask() {
    return QueryPoints.newBuilder().setCollectionName(name).setWithPayload(WithPayloadSelectorFactory.enable(true));
  }

  private List<ScoredPoint> query(QueryPoints.Builder request) throws Exception {
    return wait(client.queryAsync(request.build()));
  }

  private static PrefetchQuery prefetch(String using, int limit, float... vector) {
    return PrefetchQuery.newBuilder().setQuery(nearest(vector)).setUsing(using).setLimit(limit).build();
  }

  private void query() throws Exception {
    List<ScoredPoint> hits = query(images().setLimit(3));
    Data.expect("nearest", Data.hits(hits), List.of(Data.U8, "7", "6"));
    Data.expectScores("scores", hits, 8, 7, 6);
    Data.expect("payload of a hit", hits.get(1).getPayloadMap(), Data.payloadOf(7));
    hits = query(ask().setQuery(nearest(5.2f, 0, 0)).setUsing("text").setLimit(2));
    Data.expect("nearest by distance", Data.hits(hits), List.of("5", "6"));
    Data.expectScores("distances", hits, 0.2, 0.8);
    PrefetchQuery texts = prefetch("text", 3, 6.2f, 0, 0);
    hits = query(ask().addPrefetch(prefetch("image", 3, Data.FIRST_AXIS)).addPrefetch(texts).setQuery(fusion(Fusion.RRF)));
    Data.expect("fused", Data.hits(hits), List.of("6", "7", Data.U8, "5"));
    Data.expectScores("fused scores", hits, 0.75, 2.0 / 3, 0.5, 0.25);
    RecommendInput positive = RecommendInput.newBuilder().addPositive(vectorInput(1)).build();
    hits = query(ask().setQuery(recommend(positive)).setUsing("image").setLimit(2));
    Data.expect("recommend", Data.hits(hits), List.of(Data.U8, "7"));
    ContextInputPair pair = ContextInputPair.newBuilder().setPositive(vectorInput(7)).setNegative(vectorInput(1)).build();
    ContextInput context = ContextInput.newBuilder().addPairs(pair).build();
    DiscoverInput target = DiscoverInput.newBuilder().setTarget(vectorInput(Data.FIRST_AXIS)).setContext(context).build();
    hits = query(ask().setQuery(discover(target)).setUsing("image").setLimit(1));
    Data.expect("discover", Data.hits(hits), List.of(Data.U8));
    OrderBy order =
        OrderBy.newBuilder().setKey("count").setDirection(Direction.Desc).setStartFrom(StartFrom.newBuilder().setInteger(5)).build();
    Data.expect("order_by", Data.hits(query(ask().setQuery(orderBy(order)).setLimit(2))), List.of("5", "4"));
    var boost = mult(MultExpression.newBuilder().addMult(constant(10)).addMult(condition(match("ok", false))).build());
    var scored = sum(SumExpression.newBuilder().addSum(variable("$score")).addSum(boost).build());
    Formula boosted = Formula.newBuilder().setExpression(scored).build();
    hits = query(ask().addPrefetch(prefetch("image", 8, Data.FIRST_AXIS)).setQuery(formula(boosted)).setLimit(2));
    Data.expect("formula", Data.hits(hits), List.of("7", "5"));
    Data.expectScores("formula scores", hits, 17, 15);
  }

  private void summarize() throws Exception {
    List<QueryPoints> requests = List.of(images().setLimit(1).build(), ask().setLimit(2).build());
    var answers = wait(client.queryBatchAsync(name, requests)).stream().map(one -> Data.hits(one.getResultList())).toList();
    Data.expect("batch", answers, List.of(List.of(Data.U8), List.of("1", "2")));
    QueryPointGroups.Builder grouped = QueryPointGroups.newBuilder().setCollectionName(name).setGroupBy("city");
    grouped.setQuery(nearest(Data.FIRST_AXIS)).setUsing("image").setLimit(2).setGroupSize(1);
    var groups = wait(client.queryGroupsAsync(grouped.build())).stream().map(one -> Data.hits(one.getHitsList())).toList();
    Data.expect("groups", groups, List.of(List.of(Data.U8), List.of("7")));
    FacetCounts cities = FacetCounts.newBuilder().setCollectionName(name).setKey("city").setExact(true).build();
    var counts = wait(client.facetAsync(cities)).stream().map(FacetHit::getCount).toList();
    Data.expect("facet", counts, List.of(3L, 2L, 2L, 1L));
    SearchMatrixPoints.Builder matrix = SearchMatrixPoints.newBuilder().setCollectionName(name).setUsing("image");
    matrix.setFilter(must(hasId(Data.pointIds(1, 2, 8)))).setSample(10).setLimit(1);
    var pairs = wait(client.searchMatrixPairsAsync(matrix.build())).getPairsList();
    Data.expect("matrix", pairs.stream().map(pair -> pair.getB()).toList(), Data.pointIds(8, 8, 2));
    SearchPoints.Builder search = SearchPoints.newBuilder().setCollectionName(name).setVectorName("image").setLimit(1);
    search.addAllVector(List.of(1f, 0f, 0f, 0f));
    Data.expect("the older search", Data.hits(wait(client.searchAsync(search.build()))), List.of(Data.U8));
  }

  private void scroll() throws Exception {
    ScrollPoints.Builder request = ScrollPoints.newBuilder().setCollectionName(name).setLimit(5);
    ScrollResponse page = wait(client.scrollAsync(request.build()));
    Data.expect("first page", Data.records(page.getResultList()), List.of("1", "2", "3", "4", "5"));
    page = wait(client.scrollAsync(request.setOffset(page.getNextPageOffset()).build()));
    Data.expect("last page", Data.records(page.getResultList()), List.of("6", "7", Data.U8));
    Data.expect("a further page", page.hasNextPageOffset(), false);
    OrderBy order = OrderBy.newBuilder().setKey("count").setDirection(Direction.Desc).build();
    request = ScrollPoints.newBuilder().setCollectionName(name).setLimit(3).setOrderBy(order);
    page = wait(client.scrollAsync(request.build()));
    Data.expect("in order", Data.records(page.getResultList()), List.of(Data.U8, "7", "6"));
  }

  private void change() throws Exception {
    Filter red = must(matchKeyword("color", "red"));
    Map<String, Value> color = Map.of("color", value("red"));
    wait(client.setPayloadAsync(name, color, Data.pointIds(2, 3), true, null, null));
    wait(client.setPayloadAsync(name, color, must(city("Berlin")), true, null, null));
    expectCount(3, red);
    wait(client.deletePayloadAsync(name, List.of("color"), Data.pointIds(3, 6), true, null, null));
    expectCount(1, red);
    wait(client.overwritePayloadAsync(name, Map.of("count", value(4)), Data.pointIds(4), true, null, null));
    Data.expect("overwritten", payload(4), Map.of("count", value(4)));
    wait(client.clearPayloadAsync(name, Data.pointIds(5), true, null, null));
    Data.expect("cleared", payload(5), Map.of());
    var moved = namedVectors(Map.of("text", vector(100, 0, 0)));
    wait(client.updateVectorsAsync(name, List.of(PointVectors.newBuilder().setId(Data.pointId(1)).setVectors(moved).build())));
    List<ScoredPoint> hits = query(ask().setQuery(nearest(99, 0, 0)).setUsing("text").setLimit(1));
    Data.expect("moved", Data.hits(hits), List.of("1"));
    wait(client.deleteVectorsAsync(name, List.of("text"), Data.pointIds(2)));
    expectCount(7, must(hasVector("text")));
    wait(client.deleteAsync(name, Data.pointIds(1)));
    wait(client.deleteAsync(name, must(city("Berlin"))));
    var left = wait(client.scrollAsync(ScrollPoints.newBuilder().setCollectionName(name).build())).getResultList();
    Data.expect("left", Data.records(left), List.of("2", "4", "5", "7", Data.U8));
  }

  private static void expectRefusal(ListenableFuture<?> answer, String part) throws Exception {
    try {
      wait(answer);
    } catch (ExecutionException refused) {
      Data.expect(part + " in: " + refused.getMessage(), refused.getMessage().contains(part), true);
      return;
    }
    throw new AssertionError("a request that must fail did not: " + part);
  }

  private void refuse() throws Exception {
    expectRefusal(client.queryAsync(ask().setQuery(nearest(1f)).setUsing("image").build()), "expected dim: 4, got 1");
    expectRefusal(client.countAsync("no-such-collection"), "no-such-collection");
  }

  private void drop() throws Exception {
    wait(client.deleteAliasAsync(alias));
    Data.expect("aliases", wait(client.listCollectionAliasesAsync(name)), List.of());
    wait(client.deleteCollectionAsync(name));
    Data.expect("listed", wait(client.listCollectionsAsync()).contains(name), false);
  }

  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[2]);
    try (var client = new QdrantClient(QdrantGrpcClient.newBuilder(arguments[0], port, false).build())) {
      Scenario scenario = new Scenario(client, arguments[3]);
      scenario.create();
      scenario.createIndexes();
      scenario.upsert();
      scenario.upsertConditionally();
      scenario.countByFilters();
      scenario.query();
      scenario.summarize();
      scenario.scroll();
      scenario.change();
      scenario.refuse();
      scenario.drop();
    }
  }
}
