/* A program in C99 that stores two points and finds one: ./c_program DIRECTORY. It prints the nearest id and an error. */
#include <stdio.h>

#include "c_api/sextant.h"

static int fail(const char* what, sextant_answer* answer) {
  fprintf(stderr, "%s: %s\n", what, answer != NULL ? sextant_body(answer, NULL) : "no answer");
  sextant_free(answer);
  return 1;
}

int main(int argc, char** argv) {
  static const char config[] = "{\"vectors\":{\"size\":2,\"distance\":\"Dot\"}}";
  static const char body[] = "{\"limit\":1}";
  sextant_options options = {sizeof(sextant_options), argc > 1 ? argv[1] : NULL, 0, 0, 0, 0};
  sextant_engine* engine = NULL;
  sextant_answer* answer = NULL;
  if (sextant_open(&options, &engine, &answer) != 200) return fail("open", answer);

  sextant_request create = {sizeof(sextant_request), "PUT", "/collections/c", config, sizeof config - 1, NULL};
  if (sextant_send(engine, &create, &answer) != 200) return fail("create", answer);
  sextant_free(answer);

  const uint64_t ids[] = {7, 8};
  const float values[] = {1, 0, 0, 1};
  const sextant_vectors vectors = {NULL, values, 2, 0};
  sextant_points points = {sizeof(sextant_points), 2, ids, NULL, &vectors, 1, NULL, 0, NULL, NULL, 0};
  if (sextant_upsert(engine, "c", &points, &answer) != 200) return fail("upsert", answer);
  sextant_free(answer);

  const float query[] = {0.1f, 0.9f};
  const sextant_search search = {sizeof(sextant_search), body, sizeof body - 1, query, 1, 2, 0};
  uint64_t id = 0, upper = 0, count = 0;
  uint8_t is_uuid = 0;
  float score = 0;
  const sextant_hits hits = {sizeof(sextant_hits), 1, &id, &upper, &is_uuid, &score, &count};
  if (sextant_search_batch(engine, "c", &search, &hits, &answer) != 200) return fail("search", answer);
  printf("%llu %.1f\n", (unsigned long long)id, (double)score);

  if (sextant_search_batch(engine, "absent", &search, &hits, &answer) != 404) return fail("absent", answer);
  printf("%d\n", (int)sextant_status(answer));
  sextant_free(answer);
  sextant_close(engine);
  return 0;
}
