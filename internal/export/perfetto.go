package export

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"

	"ksim/sim/clock"
	"ksim/tui/model"
)

// traceEvent is one event of Chrome's trace format, which ui.perfetto.dev opens. Times
// are in microseconds, as ours.
type traceEvent struct {
	Name  string         `json:"name"`
	Phase string         `json:"ph"`
	Cat   string         `json:"cat,omitempty"`
	At    clock.Time     `json:"ts"`
	Dur   *clock.Time    `json:"dur,omitempty"` // of X
	Pid   int            `json:"pid"`
	Tid   int            `json:"tid"`
	Scope string         `json:"s,omitempty"`  // of i: t is the thread's
	ID    string         `json:"id,omitempty"` // of b and e: they belong together
	Args  map[string]any `json:"args,omitempty"`
}

// writePerfetto writes a process for each group, in it a track for the coordinator and
// one for each member, with their states, their work and what happened to them, and
// counters of the lag.
func writePerfetto(x *work, w io.Writer) error {
	out := bufio.NewWriter(w)
	out.WriteString(`{"displayTimeUnit":"ms","otherData":`)
	other, _ := json.Marshal(map[string]any{"scenario": x.s.Name, "seed": x.s.Seed, "version": x.Version})
	out.Write(other)
	out.WriteString(`,"traceEvents":[`)
	p := tracks{x: x, out: out}
	p.names()
	p.states()
	p.spans()
	p.happenings()
	p.counters()
	out.WriteString("\n]}\n")
	if p.err != nil {
		return p.err
	}
	return out.Flush()
}

// tracks writes events. Group i is process i+1; its coordinator is thread 1, its
// members follow.
type tracks struct {
	x     *work
	out   *bufio.Writer
	wrote bool
	err   error
}

func (p *tracks) event(e traceEvent) {
	line, err := json.Marshal(e)
	if err != nil {
		p.err = err
		return
	}
	if p.wrote {
		p.out.WriteByte(',')
	}
	p.wrote = true
	p.out.WriteByte('\n')
	p.out.Write(line)
}

// track finds a group's process and its coordinator's or a member's thread; the zero
// process is the cluster's.
func (p *tracks) track(group, member string) (pid, tid int) {
	for i := range p.x.s.Groups {
		g := &p.x.s.Groups[i]
		if g.ID != group {
			continue
		}
		for k := range g.Members {
			if g.Members[k].Name == member {
				return i + 1, k + 2
			}
		}
		return i + 1, 1
	}
	return 0, 1
}

func (p *tracks) names() {
	name := func(pid, tid int, kind, name string) {
		p.event(traceEvent{Name: kind, Phase: "M", Pid: pid, Tid: tid, Args: map[string]any{"name": name}})
	}
	name(0, 0, "process_name", "cluster")
	for i := range p.x.s.Groups {
		g := &p.x.s.Groups[i]
		name(i+1, 0, "process_name", "group "+g.ID)
		name(i+1, 1, "thread_name", "coordinator")
		for k := range g.Members {
			name(i+1, k+2, "thread_name", g.Members[k].Name)
		}
	}
}

// states writes how long the groups and members were in each state.
func (p *tracks) states() {
	type open struct {
		name string
		from clock.Time
	}
	now := map[[2]int]open{}
	turn := func(pid, tid int, name string, at clock.Time) {
		key := [2]int{pid, tid}
		was := now[key]
		if was.name == name {
			return
		}
		if was.name != "" && at > was.from {
			took := at - was.from
			p.event(traceEvent{Name: was.name, Phase: "X", Cat: "state", At: was.from, Dur: &took, Pid: pid, Tid: tid})
		}
		now[key] = open{name, at}
	}
	look := func(m *model.Moment, at clock.Time) {
		for i := range m.Groups {
			g := &m.Groups[i]
			if !g.OfQueue() {
				turn(i+1, 1, g.StateWord()+" "+g.EpochWords(), at)
			}
			for k := range g.Members {
				turn(i+1, k+2, g.Members[k].State, at)
			}
		}
	}
	members := 1
	for i := range p.x.s.Groups {
		members += len(p.x.s.Groups[i].Members)
	}
	moments := p.x.moments(members * memberSlots)
	for i, at := range moments {
		m := p.x.run.Moment(at.seq, at.at)
		look(&m, at.at)
		p.x.Progress(400 + 600*i/len(moments))
	}
	for i := range p.x.s.Groups {
		turn(i+1, 1, "", p.x.s.Duration)
		for k := range p.x.s.Groups[i].Members {
			turn(i+1, k+2, "", p.x.s.Duration)
		}
	}
}

// spans writes uploads and the like on tracks of their own: they do not nest with the
// states, nor with each other.
func (p *tracks) spans() {
	for i, s := range p.x.run.Spans() {
		pid, tid := p.track(s.Group, s.Member)
		name := s.Member + ": " + [...]string{model.Work: s.Name(), model.Standing: "stands still", model.Isolated: "cut off"}[s.Kind]
		e := traceEvent{Name: name, Phase: "b", Cat: "work", At: s.From, Pid: pid, Tid: tid, ID: strconv.Itoa(i + 1), Args: map[string]any{"records": s.Records}}
		p.event(e)
		e.Phase, e.At, e.Args = "e", min(s.To, p.x.s.Duration), nil
		p.event(e)
	}
}

// happenings writes events of interest and lines of log.
func (p *tracks) happenings() {
	for i := range p.x.run.Entries() {
		e := &p.x.run.Entries()[i]
		if e.Text == "" {
			continue
		}
		pid, tid := p.track(e.Group, e.Member)
		p.event(traceEvent{
			Name: string(e.Type), Phase: "i", Cat: e.Tone.String(), At: e.At, Pid: pid, Tid: tid, Scope: "t",
			Args: map[string]any{"text": e.Text, "seq": e.Seq, "cause": e.Cause},
		})
	}
}

// counters writes the lag of each group and partition.
func (p *tracks) counters() {
	for i := range p.x.offsets {
		e := &p.x.offsets[i]
		pid, _ := p.track(e.Group, "")
		for n, end := range e.End {
			p.event(traceEvent{Name: "lag " + end.TopicPartition.String(), Phase: "C", At: e.At, Pid: pid, Args: map[string]any{"records": e.PartitionLag(n)}})
		}
		p.event(traceEvent{Name: "lag", Phase: "C", At: e.At, Pid: pid, Args: map[string]any{"records": e.Lag()}})
	}
}
