/* The benchmark model m2 as somebody would write it who wants this one answer fast: what the
 * machine allows, for `benchmarks/RESULTS.md` to be measured against.
 *
 *   gcc -O3 -march=native -DP=5 -DN=3 -DC=2 -DR=3 -DK=2 -o m2 m2.c -lpthread && ./m2 THREADS
 *
 * Breadth-first over one 64-bit word a state, an exact open-addressing table of keys that doubles,
 * successors looked up in batches whose slots are prefetched, compare-and-swap between threads.
 * Prints one line: states transitions search-seconds peak-bytes. No traces, and only its own two
 * invariants: violations end the program. Next: `benchmarks/peers.py`, which compiles it. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

enum { ABSENT, PENDING, BOUND, RUNNING, FAILED, TERMINATING };
enum { BATCH = 256, MOST = 4 * P + P * N + N + 2, CHUNK = 128, BLOCK = 1024, THREADS = 64 };

/* A pod: three bits of phase, three of node (0 none). Then the nodes' `up`, then `want - R`. */
#define PHASE(s, p) ((s) >> 6 * (p) & 7)
#define NODE(s, p) ((s) >> (6 * (p) + 3) & 7)
#define POD(p, phase, node) ((uint64_t)((phase) | (node) << 3) << 6 * (p))
#define UP(n) (1ull << (6 * P + (n)))
#define WANT (1ull << (6 * P + N))

typedef struct {
  uint64_t pos, end, transitions;
  uint64_t buffer[BATCH + MOST], hash[BATCH + MOST];
} Worker;

static uint64_t *store;              /* states, level after level */
static _Atomic uint64_t *table;      /* key + 1, 0 is free */
static uint64_t mask, shift, low, high;
static _Atomic uint64_t next_row, cursor;
static Worker workers[THREADS];
static int threads;
static pthread_barrier_t begin, finish;
static atomic_int finished;

static void *map(uint64_t bytes) {
  void *at = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) exit(2);
  madvise(at, bytes, MADV_HUGEPAGE);
  return at;
}

static inline uint64_t mix(uint64_t x) {
  x *= 0x9E3779B97F4A7C15ull;
  x ^= x >> 32;
  return x * 0xD6E8FEB86659FD93ull;
}

static inline int expand(uint64_t s, uint64_t *out) {
  uint64_t *o = out;
  int used[N + 1] = {0}, active = 0, down = 0, want = R + !!(s & WANT);
  for (int p = 0; p < P; p++) {
    int phase = PHASE(s, p);
    active += phase >= PENDING && phase <= RUNNING;
    if (phase == BOUND || phase == RUNNING || phase == TERMINATING) used[NODE(s, p)]++;
  }
  for (int n = 0; n < N; n++) {
    down += !(s & UP(n));
    if (used[n + 1] > C) exit(3);
  }
  if (active > R + 1) exit(3);
  for (int p = 0; p < P; p++) {
    uint64_t rest = s & ~POD(p, 7, 7);
    int phase = PHASE(s, p), node = NODE(s, p), up = node && (s & UP(node - 1));
    switch (phase) {
    case ABSENT:
      if (active < want) *o++ = rest | POD(p, PENDING, 0);
      break;
    case PENDING:
      if (active > want) *o++ = rest;
      for (int n = 0; n < N; n++)
        if ((s & UP(n)) && used[n + 1] < C) *o++ = rest | POD(p, BOUND, n + 1);
      break;
    case BOUND:
    case RUNNING:
      if (active > want) *o++ = rest | POD(p, TERMINATING, node);
      *o++ = rest | POD(p, up ? phase + 1 : TERMINATING, node);
      break;
    case FAILED:
      *o++ = rest;
      break;
    case TERMINATING:
      if (up) *o++ = rest;
      break;
    }
  }
  for (int n = 0; n < N; n++)
    if (!(s & UP(n)) || down < K) *o++ = s ^ UP(n);
  *o++ = s ^ WANT;
  return o - out;
}

static inline void insert(Worker *w, uint64_t key, uint64_t at) {
  for (;; at = (at + 1) & mask) {
    uint64_t seen = atomic_load_explicit(&table[at], memory_order_relaxed);
    if (seen == 0) {
      if (threads == 1)
        atomic_store_explicit(&table[at], key + 1, memory_order_relaxed);
      else if (!atomic_compare_exchange_strong(&table[at], &seen, key + 1)) {
        if (seen == key + 1) return;
        continue;
      }
      if (w->pos == w->end) w->pos = atomic_fetch_add(&next_row, BLOCK), w->end = w->pos + BLOCK;
      store[w->pos++] = key;
      return;
    }
    if (seen == key + 1) return;
  }
}

static int flush(Worker *w, int n) {
  for (int i = 0; i < n; i++) insert(w, w->buffer[i], w->hash[i]);
  return 0;
}

static void level(Worker *w) {
  int waiting = 0;
  for (;;) {
    uint64_t from = atomic_fetch_add(&cursor, CHUNK), to = from + CHUNK < high ? from + CHUNK : high;
    if (from >= high) break;
    for (; from < to; from++) {
      int more = expand(store[from], w->buffer + waiting);
      for (int i = waiting; i < waiting + more; i++) {
        w->hash[i] = mix(w->buffer[i]) >> shift;
        __builtin_prefetch((void *)&table[w->hash[i]], 1);
      }
      w->transitions += more;
      waiting += more;
      if (waiting >= BATCH) waiting = flush(w, waiting);
    }
  }
  flush(w, waiting);
}

static void *work(void *given) {
  for (;;) {
    pthread_barrier_wait(&begin);
    if (finished) return 0;
    level(given);
    pthread_barrier_wait(&finish);
  }
}

static uint64_t slots;

/* Room for all that a level may give: the table is at most five eighths full. */
static void grow(uint64_t wanted) {
  uint64_t old = slots;
  while (slots * 5 / 8 < wanted) slots *= 2;
  if (slots == old) return;
  if (table) munmap((void *)table, old * 8);
  table = map(slots * 8);
  mask = slots - 1, shift = 64 - __builtin_ctzll(slots);
  uint64_t count = next_row;
  for (uint64_t i = 0; i < count; i++) {
    uint64_t ahead = i + 16 < count ? i + 16 : i;
    __builtin_prefetch((void *)&table[mix(store[ahead]) >> shift], 1);
    uint64_t at = mix(store[i]) >> shift;
    while (table[at]) at = (at + 1) & mask;
    table[at] = store[i] + 1;
  }
}

/* Blocks that are not full leave holes; the last rows go there. */
static void close_holes(void) {
  uint64_t end = next_row;
  for (;;) {
    Worker *last = 0;
    for (int t = 0; t < threads; t++)
      if (workers[t].end > workers[t].pos && (!last || workers[t].end > last->end)) last = &workers[t];
    if (!last) break;
    if (last->end == end) {
      end = last->end = last->pos;
      continue;
    }
    while (last->pos < last->end) {
      int skip = 0;
      for (int t = 0; t < threads; t++)
        if (workers[t].end == end && workers[t].pos < end) skip = 1, end = workers[t].end = workers[t].pos;
      if (skip) continue;
      if (last->pos >= end) break;
      store[last->pos++] = store[--end];
    }
  }
  for (int t = 0; t < threads; t++) workers[t].pos = workers[t].end = 0;
  next_row = end;
}

int main(int count, char **words) {
  threads = count > 1 ? atoi(words[1]) : 1;
  pthread_barrier_init(&begin, 0, threads);
  pthread_barrier_init(&finish, 0, threads);
  store = map(1ull << 36);
  slots = 1 << 16;
  pthread_t id;
  for (int t = 1; t < threads; t++) pthread_create(&id, 0, work, &workers[t]);
  struct timespec from, to;
  clock_gettime(CLOCK_MONOTONIC, &from);
  uint64_t first = 0;
  for (int n = 0; n < N; n++) first |= UP(n);
  store[0] = first, next_row = 1, slots /= 2, grow(slots);
  for (low = 0, high = 1; low < high; low = high, high = next_row) {
    /* No level of m2 is more than three times as large as the one before. */
    grow(high + 3 * (high - low) + THREADS * BLOCK);
    cursor = low;
    if (threads > 1) pthread_barrier_wait(&begin);
    level(&workers[0]);
    if (threads > 1) pthread_barrier_wait(&finish);
    close_holes();
    if (next_row > slots * 3 / 4) exit(4);
  }
  clock_gettime(CLOCK_MONOTONIC, &to);
  uint64_t transitions = 0;
  for (int t = 0; t < threads; t++) transitions += workers[t].transitions;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("%llu %llu %.4f %ld\n", (unsigned long long)next_row, (unsigned long long)transitions,
         to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) * 1e-9, usage.ru_maxrss * 1024);
  return 0;
}
