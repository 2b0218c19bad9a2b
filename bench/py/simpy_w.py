"""W1 on SimPy, in its fastest style (callbacks): simpy_w.py N HEARTBEATS.

Prints nanoseconds of CPU time per event, events, sum, order-dependent sum.
"""
import sys
import time

import simpy

n, beats = int(sys.argv[1]), int(sys.argv[2])
env = simpy.Environment()
MASK = 2**32 - 1
fired = total = order = 0
members = []


def note(v):
    global fired, total, order
    fired += 1
    total = total + (env.now ^ v) & MASK
    order = order + total & MASK


def after(ms, callback):
    event = env.timeout(ms)
    event.callbacks.append(callback)
    return event


class Member:
    def __init__(self, number, start):
        self.number = number << 2
        self.sent = self.acked = self.last = 0
        after(start, self.beat)

    def beat(self, _):
        self.sent += 1
        after(1, self.arrive)
        after(3000, self.beat)
        note(self.number)

    def arrive(self, _):
        self.last = env.now
        self.session = after(45000, self.expire)
        after(1, self.answer)
        note(self.number | 1)

    def answer(self, _):
        self.acked += 1
        note(self.number | 2)

    def expire(self, event):  # SimPy cannot cancel: an old timeout still comes
        if event is self.session:
            sys.exit("a session has expired")


x = 12345
for i in range(n):
    x = (x * 1664525 + 1013904223) & MASK
    members.append(Member(i, (x >> 8) % 3000))
for m in members:
    m.session = after(45000, m.expire)
env.run(until=48000)
fired = total = order = 0
start = time.process_time()
env.run(until=48000 + beats // n * 3000)
print((time.process_time() - start) * 1e9 / fired, fired, total, order)
