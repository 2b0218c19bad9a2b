package java

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// world is a fake host around one consumer: it keeps the clock, the timers and the
// requests without an answer, and writes down all that it is asked, but for the
// timers, which `timers` prints.
type world struct {
	c      *Consumer
	prefix string // of the consumer's lines, left out
	now    clock.Time
	out    strings.Builder

	timers   [client.MaxTimers]timer
	sets     int // Arm calls: timers of one instant fire in the order in which they were set
	requests []sent
	lastID   kafka.RequestID
	rand     clock.Stream
	beats    bool // heartbeats are answered at once, and not written down
}

// timer is one of the consumer's, armed if set is not 0.
type timer struct {
	at  clock.Time
	set int
}

// sent is a request without an answer yet.
type sent struct {
	id      kafka.RequestID
	broker  int32
	request kafka.Request
}

var timerNames = [...]string{timerApp: "app", timerHeartbeat: "heartbeat", timerMetadata: "metadata", timerRequests: "requests"}

func newWorld(s settings, o client.Options) *world {
	w := &world{c: newConsumer(&s, o), rand: clock.NewStream(1, "A", "client"), prefix: "[Consumer clientId=" + o.ClientID + ", groupId=" + o.Group + "] "}
	if s.instance != "" {
		w.prefix = "[Consumer instanceId=" + s.instance + ", clientId=" + o.ClientID + ", groupId=" + o.Group + "] "
	}
	return w
}

// due is the timer that fires next, -1 for none.
func (w *world) due() client.TimerID {
	best := -1
	for i, t := range w.timers {
		if t.set != 0 && (best < 0 || cmp.Or(cmp.Compare(t.at, w.timers[best].at), t.set-w.timers[best].set) < 0) {
			best = i
		}
	}
	return client.TimerID(best)
}

// run lets time pass and fires the timers that fall due, in their order.
func (w *world) run(until clock.Time) {
	for w.armed() > 0 {
		t := w.due()
		if w.timers[t].at > until {
			break
		}
		w.now = max(w.now, w.timers[t].at)
		w.timers[t] = timer{}
		w.c.Timer(w, w.now, t)
		w.answerBeats()
	}
	w.now = max(w.now, until)
}

func (w *world) armed() (n int) {
	for _, t := range w.timers {
		if t.set != 0 {
			n++
		}
	}
	return n
}

// answerBeats answers the heartbeats that wait, if they are to be.
func (w *world) answerBeats() {
	for w.beats {
		i := slices.IndexFunc(w.requests, func(s sent) bool { return kind(s.request) == "heartbeat" })
		if i < 0 {
			return
		}
		w.respond(i, &kafka.HeartbeatResponse{})
	}
}

// respond answers the i-th request that waits.
func (w *world) respond(i int, r kafka.Response) {
	id := w.requests[i].id
	w.requests = slices.Delete(w.requests, i, i+1)
	w.c.Response(w, w.now, id, r)
}

// see writes down what the host saw, and when.
func (w *world) see(format string, args ...any) {
	fmt.Fprintf(&w.out, "%s %s\n", w.now, fmt.Sprintf(format, args...))
}

// printed is what has been written down since the last time.
func (w *world) printed() string {
	text := w.out.String()
	w.out.Reset()
	return cmp.Or(text, "ok\n")
}

func (w *world) Send(broker int32, r kafka.Request) kafka.RequestID {
	w.lastID++
	w.requests = append(w.requests, sent{w.lastID, broker, r})
	if !w.beats || kind(r) != "heartbeat" {
		w.see("send to %d: %s", broker, requestText(r))
	}
	return w.lastID
}

func (w *world) Arm(t client.TimerID, at clock.Time) {
	if at < w.now {
		panic(fmt.Sprintf("timer %s set to the past", timerNames[t]))
	}
	w.sets++
	w.timers[t] = timer{at, w.sets}
}

func (w *world) Cancel(t client.TimerID) { w.timers[t] = timer{} }

func (w *world) Log(level, text string) {
	line, ok := strings.CutPrefix(text, w.prefix)
	if !ok {
		level += " (no prefix)"
	}
	w.see("%s %s", level, line)
}

func (w *world) Emit(e trace.Event) { w.see("emit %s", e.Type) }
func (w *world) BlameApp()          { w.see("blame the application") }

func (w *world) Callback(kind client.Callback, partitions []kafka.TopicPartition) {
	names := [...]string{client.Assigned: "assigned", client.Revoked: "revoked", client.Lost: "lost"}
	w.see("callback %s %v", names[kind], partitions)
}

func (w *world) Polled(r client.PollResult) {
	if r.Err != nil {
		w.see("poll throws %s", errorText(r.Err))
		return
	}
	var ranges []string
	for _, x := range r.Records {
		ranges = append(ranges, fmt.Sprintf("%s[%d,%d)", x.TopicPartition, x.From, x.To))
	}
	w.see("polled %s", cmp.Or(strings.Join(ranges, " "), "nothing"))
}

func (w *world) Committed(err *client.Error) {
	if err != nil {
		w.see("commit throws %s", errorText(err))
		return
	}
	w.see("committed")
}

func (w *world) Closed()                    { w.see("closed") }
func (w *world) Taken() (int64, clock.Time) { panic("a batch client does not ask") }
func (w *world) Cut()                       { panic("a batch client does not cut") }
func (w *world) Rand() *clock.Stream        { return &w.rand }

func errorText(e *client.Error) string {
	text := e.Name + ": " + e.Text
	if e.Fatal {
		text += " (fatal)"
	}
	return text
}

// kind is the short name of a request.
func kind(r kafka.Request) string {
	name := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", r), "*kafka."), "Request")
	return strings.ToLower(name)
}

// requestText prints the fields of a request that matter.
func requestText(r kafka.Request) string {
	switch r := r.(type) {
	case *kafka.MetadataRequest:
		return fmt.Sprintf("Metadata %v", r.Topics)
	case *kafka.FindCoordinatorRequest:
		return "FindCoordinator " + r.Group
	case *kafka.JoinGroupRequest:
		return joinText(r)
	case *kafka.SyncGroupRequest:
		text := fmt.Sprintf("SyncGroup member=%q%s generation=%d protocol=%s", r.MemberID, instanceArgument(r.InstanceID), r.Generation, r.Protocol)
		for _, a := range r.Assignments {
			text += fmt.Sprintf(" %s=[%s]", a.MemberID, a.Assignment)
		}
		return text
	case *kafka.HeartbeatRequest:
		return fmt.Sprintf("Heartbeat member=%q%s generation=%d", r.MemberID, instanceArgument(r.InstanceID), r.Generation)
	case *kafka.LeaveGroupRequest:
		return fmt.Sprintf("LeaveGroup member=%q reason=%q", r.Members[0].MemberID, r.Members[0].Reason)
	case *kafka.OffsetCommitRequest:
		return fmt.Sprintf("OffsetCommit member=%q%s generation=%d %s", r.MemberID, instanceArgument(r.InstanceID), r.Generation, commitText(r.Offsets))
	case *kafka.OffsetFetchRequest:
		return fmt.Sprintf("OffsetFetch %v", r.Partitions)
	case *kafka.ListOffsetsRequest:
		return fmt.Sprintf("ListOffsets %v latest=%v", r.Partitions, r.Latest)
	case *kafka.FetchRequest:
		var parts []string
		for _, p := range r.Partitions {
			parts = append(parts, fmt.Sprintf("%s@%d", p.TopicPartition, p.Offset))
		}
		return "Fetch " + strings.Join(parts, " ")
	}
	panic(fmt.Sprintf("no text for %T", r))
}

func joinText(r *kafka.JoinGroupRequest) string {
	text := fmt.Sprintf("JoinGroup member=%q%s session=%s rebalance=%s", r.MemberID, instanceArgument(r.InstanceID), r.SessionTimeout, r.RebalanceTimeout)
	for _, p := range r.Protocols {
		text += fmt.Sprintf(" %s=%q", p.Name, p.Metadata)
	}
	return text + fmt.Sprintf(" reason=%q", r.Reason)
}

// instanceArgument is empty for dynamic members.
func instanceArgument(instance string) string {
	if instance == "" {
		return ""
	}
	return fmt.Sprintf(" instance=%q", instance)
}

func commitText(offsets []kafka.OffsetCommit) string {
	var parts []string
	for _, o := range offsets {
		parts = append(parts, fmt.Sprintf("%s@%d", o.TopicPartition, o.Offset))
	}
	return strings.Join(parts, " ")
}
