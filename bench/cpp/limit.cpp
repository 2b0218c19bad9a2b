// The physical limit of W1: one slot of 4-byte events for each millisecond, far
// enough ahead for every timer, drained in place. limit N HEARTBEATS prints
// nanoseconds of CPU time per event, events, sum, order-dependent sum.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

enum Kind : uint32_t { beat, arrive, answer, expire };

struct alignas(32) Member {
  int64_t deadline = 0, last = 0;
  uint32_t sent = 0, acked = 0;
};

static std::vector<Member> members;
static std::vector<std::vector<uint32_t>> slots(65536);
static std::vector<std::vector<uint32_t>> spare;
static uint64_t fired;
static uint32_t total, order;

static void put(int64_t at, uint32_t event) {
  auto &slot = slots[at & 65535];
  if (slot.capacity() == 0 && !spare.empty()) {
    slot.swap(spare.back());
    spare.pop_back();
  }
  slot.push_back(event);
}

static void arm(uint32_t id, int64_t deadline) {
  if (members[id].deadline == 0) put(deadline, id << 2 | expire);
  members[id].deadline = deadline;
}

static bool happen(int64_t now, uint32_t event) {
  uint32_t id = event >> 2;
  Member &m = members[id];
  switch (event & 3) {
  case beat:
    m.sent++;
    put(now + 1, id << 2 | arrive);
    put(now + 3000, event);
    return true;
  case arrive:
    m.last = now;
    arm(id, now + 45000);
    put(now + 1, id << 2 | answer);
    return true;
  case answer:
    m.acked++;
    return true;
  default:
    if (now >= m.deadline) exit(1);
    put(m.deadline, event);
    return false;
  }
}

static void run(int64_t from, int64_t end) {
  for (int64_t now = from; now < end; now++) {
    auto &slot = slots[now & 65535];
    if (slot.empty()) continue;
    for (size_t i = 0; i < slot.size(); i++) { // nothing is put into the present
      uint32_t event = slot[i];
      if (!happen(now, event)) continue;
      fired++;
      total += uint32_t(now) ^ event;
      order += total;
    }
    slot.clear();
    spare.emplace_back();
    spare.back().swap(slot);
  }
}

static double cpu() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int, char **args) {
  int n = atoi(args[1]), beats = atoi(args[2]);
  members.resize(n);
  uint32_t x = 12345;
  for (int i = 0; i < n; i++) {
    x = x * 1664525u + 1013904223u;
    put((x >> 8) % 3000, uint32_t(i) << 2 | beat);
  }
  for (int i = 0; i < n; i++) arm(i, 45000);
  run(0, 48000);
  fired = total = order = 0;
  double start = cpu();
  run(48000, 48000 + int64_t(beats / n) * 3000);
  printf("%.3f %llu %u %u\n", (cpu() - start) / fired, (unsigned long long)fired, total, order);
}
