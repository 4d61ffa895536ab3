import static io.qdrant.client.PointIdFactory.id;
import static io.qdrant.client.ValueFactory.list;
import static io.qdrant.client.ValueFactory.nullValue;
import static io.qdrant.client.ValueFactory.value;
import static io.qdrant.client.VectorFactory.vector;
import static io.qdrant.client.VectorsFactory.namedVectors;

import io.qdrant.client.grpc.Common.PointId;
import io.qdrant.client.grpc.JsonWithInt.Value;
import io.qdrant.client.grpc.Points.PointStruct;
import io.qdrant.client.grpc.Points.RetrievedPoint;
import io.qdrant.client.grpc.Points.ScoredPoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;

/** The points of the scenario, and how answers are judged. */
final class Data {
  static final String U8 = "00000000-0000-0000-0000-000000000008";
  static final float[] FIRST_AXIS = {1, 0, 0, 0};
  private static final List<String> CITIES = List.of("Berlin", "London", "Moscow");

  private Data() {}

  static PointId pointId(long number) {
    return number == 8 ? id(UUID.fromString(U8)) : id(number);
  }

  static List<PointId> pointIds(long... numbers) {
    return LongStream.of(numbers).mapToObj(Data::pointId).toList();
  }

  static Map<String, Value> payloadOf(long number) {
    Map<String, Value> payload = new HashMap<>();
    payload.put("city", value(CITIES.get((int) (number % 3))));
    payload.put("count", value(number));
    payload.put("price", value(number + 0.25));
    payload.put("ok", value(number % 2 == 0));
    payload.put("when", value("2024-01-0" + number + "T00:00:00Z"));
    payload.put("place", value(Map.of("lon", value(10 + number), "lat", value(50L))));
    payload.put("tags", list(List.of(value("all"), value(number % 2 == 0 ? "even" : "odd"))));
    payload.put("title", value("Point number " + number + " größer"));
    payload.put("uid", value("00000000-0000-0000-0000-00000000000" + number));
    payload.put("meta", value(Map.of("deep", value(Map.of("level", value(number))))));
    Value first = value(Map.of("kind", value("a"), "size", value(number)));
    Value second = value(Map.of("kind", value("b"), "size", value(-number)));
    payload.put("parts", list(List.of(first, second)));
    payload.put("nothing", nullValue());
    return payload;
  }

  static Map<String, List<Float>> vectorsOf(long number) {
    float value = number;
    return Map.of("image", List.of(value, (float) (number % 3), 1f, 0f), "text", List.of(value, 0f, 0f));
  }

  static PointStruct point(long number, Map<String, Value> payload) {
    Map<String, List<Float>> rows = vectorsOf(number);
    return PointStruct.newBuilder()
        .setId(pointId(number))
        .setVectors(namedVectors(Map.of("image", vector(rows.get("image")), "text", vector(rows.get("text")))))
        .putAllPayload(payload)
        .build();
  }

  private static String text(PointId id) {
    return id.hasUuid() ? id.getUuid() : Long.toString(id.getNum());
  }

  static List<String> hits(List<ScoredPoint> hits) {
    return hits.stream().map(hit -> text(hit.getId())).toList();
  }

  static List<String> records(List<RetrievedPoint> records) {
    return records.stream().map(record -> text(record.getId())).toList();
  }

  static void expect(String what, Object got, Object wanted) {
    if (!wanted.equals(got)) {
      throw new AssertionError(what + ": got " + got + ", wanted " + wanted);
    }
  }

  static void expectScores(String what, List<ScoredPoint> hits, double... wanted) {
    expect(what + ": number of hits", hits.size(), wanted.length);
    for (int at = 0; at < wanted.length; ++at) {
      if (Math.abs(hits.get(at).getScore() - wanted[at]) > 1e-5) {
        throw new AssertionError(what + ": got " + hits.get(at).getScore() + ", wanted " + wanted[at]);
      }
    }
  }
}
