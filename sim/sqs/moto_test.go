package sqs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"ksim/sim/clock"
)

// TestAgainstMoto plays the same requests to a queue and to the SQS of moto, whose
// clock stands still but where time passes here, and compares what is received, how
// often it has been, what is moved to the dead-letter queue and what is taken for a
// duplicate.
//
// Where moto 5 does something else than Amazon's documentation says, the requests
// keep away from it:
//   - it deletes by every handle that it has ever given out (here: StaleDeletes; of
//     FIFO queues only handles that count are used: Amazon refuses others);
//   - it forgets a deduplication id with the last message that had it;
//   - it hides a message at the very end of its visibility timeout (here no instant is
//     one);
//   - it changes the visibility of messages that are not in flight;
//   - one receive of a FIFO queue goes round the groups, where Amazon's returns as many
//     messages of one group as it has (here it asks for one message);
//   - it counts the 12 hours from the sending on, and a receive of an expired message.
func TestAgainstMoto(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3, and so no moto")
	}
	if out, err := exec.Command(python, "testdata/against_moto.py", "check").CombinedOutput(); err != nil {
		t.Skipf("moto cannot run here: %s", bytes.TrimSpace(out))
	}
	x := &exchange{}
	for seed := range uint64(6) {
		x.play(seed)
	}
	command := exec.Command(python, "testdata/against_moto.py")
	command.Stdin = &x.requests
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	answers := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(answers) != len(x.want) {
		t.Fatalf("%d answers to %d requests", len(answers), len(x.want))
	}
	for i, want := range x.want {
		var got []string
		if err := json.Unmarshal([]byte(answers[i]), &got); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want.answer) {
			t.Fatalf("%s: moto answers %v, ksim %v; before it:\n%s", want.request, got, want.answer, x.before(i))
		}
	}
}

// exchange is the requests of all sequences, and the answers of ksim's queues.
type exchange struct {
	requests bytes.Buffer
	want     []wanted

	// The sequence that is made.
	r           *rand.Rand
	s           Settings
	now         clock.Time
	queue, dead *Queue
	sent        int64
	dedups      map[string]int64 // the message of each id; never iterated
	gone        map[int64]bool
	handles     map[string]handle
	names       []string // of handles, in order
	answered    []string
}

type wanted struct {
	request string
	answer  []string
}

type handle struct {
	queue   *Queue
	receipt Receipt
}

// exchangePort is one of the two queues' host.
type exchangePort struct {
	*exchange
	queue *Queue
}

func (p exchangePort) Changed(m Message, _, to State) {
	if to.gone() {
		p.gone[m.ID] = true
	}
	if to == DeadLettered {
		p.dead.Redrive(exchangePort{p.exchange, p.dead}, p.now, m)
	}
}

func (p exchangePort) Answer(_ uint64, got []Delivery, _ *Error) {
	for _, d := range got {
		name := fmt.Sprintf("%d.%d", d.ID, d.Receives)
		p.answered = append(p.answered, name)
		p.names = append(p.names, name)
		p.handles[name] = handle{p.queue, d.Receipt}
	}
}

// ask writes a request down, and what ksim answers to it.
func (x *exchange) ask(request map[string]any, answer ...string) {
	line, err := json.Marshal(request)
	if err != nil {
		panic(err)
	}
	x.requests.Write(append(line, '\n'))
	if request["op"] != "new" {
		x.want = append(x.want, wanted{string(line), answer})
	}
}

// before tells what came before a request.
func (x *exchange) before(i int) string {
	var b strings.Builder
	for _, w := range x.want[max(0, i-30):i] {
		fmt.Fprintln(&b, w.request, w.answer)
	}
	return b.String()
}

// play makes one sequence.
func (x *exchange) play(seed uint64) {
	x.r = rand.New(rand.NewPCG(seed, 1))
	x.s = Settings{FIFO: x.r.IntN(2) == 0, Visibility: clock.Duration(1+x.r.IntN(40)) * clock.Second, Delay: clock.Duration(x.r.IntN(3)) * 4 * clock.Second,
		Retention: DefaultRetention, MaxReceives: x.r.IntN(4), MaxInFlight: DefaultMaxInFlight, StaleDeletes: true}
	x.now, x.sent, x.dedups, x.gone, x.handles, x.names = 0, 0, map[string]int64{}, map[int64]bool{}, map[string]handle{}, nil
	x.queue = NewQueue(x.s)
	dead := x.s
	dead.MaxReceives, dead.Delay = 0, 0
	x.dead = NewQueue(dead)
	x.ask(map[string]any{"op": "new", "fifo": x.s.FIFO, "visibility": x.s.Visibility / clock.Second, "delay": x.s.Delay / clock.Second, "max": x.s.MaxReceives})
	for i := range 100 {
		x.step()
		if i%4 == 3 {
			x.depth()
		}
	}
}

func (x *exchange) step() {
	switch x.r.IntN(8) {
	case 0, 1:
		x.send()
	case 2, 3, 4:
		x.receive()
	case 5:
		x.advance()
	case 6:
		x.delete()
	case 7:
		x.change()
	}
}

func (x *exchange) depth() {
	x.ask(map[string]any{"op": "depth"}, fmt.Sprint(x.queue.Count(Visible)), fmt.Sprint(x.queue.Count(InFlight)), fmt.Sprint(x.queue.Count(Delayed)))
}

func (x *exchange) send() {
	x.sent++
	m := Message{ID: x.sent, Group: string(rune('a' + x.r.IntN(3))), Dedup: fmt.Sprintf("id-%d", x.r.IntN(12))}
	if first, used := x.dedups[m.Dedup]; used && x.gone[first] {
		m.Dedup = fmt.Sprintf("only-%d", m.ID)
	}
	if x.queue.Send(exchangePort{x, x.queue}, x.now, m) {
		x.dedups[m.Dedup] = m.ID
	}
	x.ask(map[string]any{"op": "send", "id": m.ID, "group": m.Group, "dedup": m.Dedup})
}

func (x *exchange) receive() {
	most := 1 + x.r.IntN(MaxReceive)
	if x.s.FIFO {
		most = 1
	}
	dead := x.r.IntN(6) == 0
	q := x.queue
	if dead {
		q = x.dead
	}
	x.answered = nil
	q.Receive(exchangePort{x, q}, x.now, 0, most, 0)
	x.ask(map[string]any{"op": "receive", "most": most, "dead": dead}, x.answered...)
}

// advance lets time pass: never as long as any timeout, for each pass is a
// millisecond more than whole seconds.
func (x *exchange) advance() {
	d := clock.Duration(x.r.IntN(25))*clock.Second + clock.Millisecond
	x.now += d
	for _, q := range []*Queue{x.queue, x.dead} {
		for at := q.Due(); at <= x.now; at = q.Due() {
			q.Advance(exchangePort{x, q}, at)
		}
	}
	x.ask(map[string]any{"op": "advance", "milliseconds": d / clock.Millisecond})
}

// handle picks a handle of a message that its queue still has.
func (x *exchange) handle(counts bool) (string, handle, bool) {
	if len(x.names) == 0 {
		return "", handle{}, false
	}
	name := x.names[x.r.IntN(len(x.names))]
	h := x.handles[name]
	ok := !h.queue.entries[h.receipt.place].state.gone() && (h.queue.Holds(h.receipt) || !counts)
	return name, h, ok
}

func (x *exchange) delete() {
	if name, h, ok := x.handle(x.s.FIFO); ok {
		h.queue.Delete(exchangePort{x, h.queue}, x.now, h.receipt)
		x.ask(map[string]any{"op": "delete", "handle": name})
	}
}

func (x *exchange) change() {
	if name, h, ok := x.handle(true); ok {
		timeout := 1 + x.r.IntN(60)
		h.queue.ChangeVisibility(exchangePort{x, h.queue}, x.now, h.receipt, clock.Duration(timeout)*clock.Second)
		x.ask(map[string]any{"op": "change", "handle": name, "timeout": timeout})
	}
}
