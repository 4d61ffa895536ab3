#pragma once

/* The engine inside a process, for any language that can call C: open a storage, send it the requests of the REST
 * interface, move arrays in and out without JSON, close it.
 *
 * Names:     strings are UTF-8 and end with a zero byte unless their size is given.
 * Status:    functions that can fail return the status code that the REST interface would: 200 for success, else 4xx or
 *            5xx, and then *answer (unless the caller passed NULL for it) says why.
 * Threads:   any number of threads may call at the same time with the same engine, but for sextant_close. Reads run on
 *            the calling thread and on others of the engine; every call returns when it is done.
 * Ownership: arguments are lent for the call. What a function hands out goes with the function named beside it.
 * Fork:      an engine belongs to the process that opened it. In a child made by fork, calls with it answer 503,
 *            sextant_close forgets it without touching its files, and no other can be opened: open the first one after
 *            the fork, or start children with exec. The child's exit skips destructors and atexit functions that were
 *            registered before the fork.
 * Versions:  functions and structures only grow. Set struct_size of each structure to its sizeof. */

#include <stddef.h>
#include <stdint.h>

#define SEXTANT_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/* NOLINTBEGIN(readability-identifier-naming): as C names things */

struct ArrowArray; /* of the Arrow C data interface */
struct ArrowSchema;

typedef struct sextant_engine sextant_engine;
typedef struct sextant_answer sextant_answer;

/* The version of this interface, and of the engine behind it ("1.2.3"). */
SEXTANT_API uint32_t sextant_abi_version(void);
SEXTANT_API const char* sextant_version(void);

/* What is logged on stderr: "trace", "debug", "info", "warn", "error" or "off"; "warn" until this is called. 200 or
 * 400. */
SEXTANT_API int32_t sextant_set_log_level(const char* level);

typedef struct sextant_options {
  size_t struct_size;
  const char* path;            /* a directory, made when absent; NULL: in memory only */
  int32_t no_sync;             /* 1: acknowledged writes survive the process but not a power cut */
  int32_t search_threads;      /* that help the caller of a read; 0: one per core */
  int32_t build_threads;       /* of one index build; 0: one per core */
  uint64_t memory_limit_bytes; /* of all data in memory; 0: three quarters of what the process may use */
} sextant_options;

/* Opens a storage, and raises the process's soft limit of open files to the hard one. 503 when another process has it
 * open. A server can open the same directory afterwards. */
SEXTANT_API int32_t sextant_open(const sextant_options* options, sextant_engine** engine, sextant_answer** answer);

/* Finishes what was accepted, writes what is not on disk yet, frees everything. No call with this engine may be running
 * or follow. NULL is ignored. */
SEXTANT_API void sextant_close(sextant_engine* engine);

/* An answer: its status, its body (JSON; for errors `{"status":{"error":…},…}`) and its headers, each `name: value\n`.
 * What they return lives until sextant_free. */
SEXTANT_API int32_t sextant_status(const sextant_answer* answer);
SEXTANT_API const char* sextant_body(const sextant_answer* answer, size_t* size);
SEXTANT_API const char* sextant_headers(const sextant_answer* answer, size_t* size);
SEXTANT_API void sextant_free(sextant_answer* answer); /* NULL is ignored */

typedef struct sextant_request {
  size_t struct_size;
  const char* method; /* "GET", "PUT", … */
  const char* target; /* percent-encoded path, with its query: "/collections/c/points?wait=true" */
  const char* body;   /* JSON, or NULL */
  size_t body_size;
  const char* headers; /* each `name: value\n`, or NULL; content-type is JSON unless stated */
} sextant_request;

/* Any request of the REST interface. *answer is set whatever the status. */
SEXTANT_API int32_t sextant_send(sextant_engine* engine, const sextant_request* request, sextant_answer** answer);

/* Dense vectors of one name, row-major: row i begins at values + i * row_stride. */
typedef struct sextant_vectors {
  const char* name;    /* "" or NULL: the unnamed vector */
  const float* values; /* [count, dim] */
  uint32_t dim;
  uint64_t row_stride; /* floats from one row to the next; 0: dim */
} sextant_vectors;

/* Points as columns. Their ids are `numbers` or `uuids`. Their payloads are none, `payloads`, or the columns of a
 * record batch: `columns` is a struct array of `count` rows, `schema` names its fields, a null is an absent field. The
 * arrow structures are read, not released. */
typedef struct sextant_points {
  size_t struct_size;
  uint64_t count;
  const uint64_t* numbers; /* [count] */
  const uint8_t* uuids;    /* [count, 16], in the order of their text */
  const sextant_vectors* vectors;
  size_t vectors_count;
  const char* payloads; /* {"payloads": a list of `count` objects or nulls} */
  size_t payloads_size;
  const struct ArrowArray* columns;
  const struct ArrowSchema* schema;
  int32_t at_once; /* 1: as one operation, whole or not at all; 0: in batches of a sensible size, which is faster */
} sextant_points;

/* Writes points as PUT /collections/{collection}/points?wait=true does, whole ones in place of those with the same
 * ids. All values are looked at before anything is written; when a batch fails nevertheless (a full disk), those
 * before it stay. On success *answer is that of the last operation. */
SEXTANT_API int32_t sextant_upsert(sextant_engine* engine, const char* collection, const sextant_points* points,
                                   sextant_answer** answer);

typedef struct sextant_search {
  size_t struct_size;
  const char* body; /* of POST /collections/{collection}/points/query without `query`, or NULL: limit, filter, params,
                       using, score_threshold, … */
  size_t body_size;
  const float* queries; /* [count, dim], row-major */
  uint64_t count;
  uint32_t dim;
  uint64_t row_stride; /* floats from one row to the next; 0: dim */
} sextant_search;

/* Where the hits go, best first. `limit` is the number of columns, at least the body's limit; what stands behind the
 * hits of a query is left as it was. */
typedef struct sextant_hits {
  size_t struct_size;
  uint64_t limit;
  uint64_t* ids;    /* [count, limit]; of a UUID the lower half */
  uint64_t* uuids;  /* [count, limit] the upper halves of UUIDs; 0 for numbers */
  uint8_t* is_uuid; /* [count, limit] */
  float* scores;    /* [count, limit] */
  uint64_t* counts; /* [count] hits of each query */
} sextant_hits;

/* The nearest points of many queries, several of them at a time. */
SEXTANT_API int32_t sextant_search_batch(sextant_engine* engine, const char* collection, const sextant_search* search,
                                         const sextant_hits* hits, sextant_answer** answer);

/* NOLINTEND(readability-identifier-naming) */

#ifdef __cplusplus
}
#endif
