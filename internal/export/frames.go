package export

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ksim/sim"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/tui/chart"
	"ksim/tui/model"
)

// frame is the state at a moment, as the cells that differ from the frame before: a
// slot and its value in turn.
type frame struct {
	At    clock.Time `json:"t"`
	Seq   uint64     `json:"s"`
	Cells []any      `json:"c"`
}

// What the slots of each kind hold, in order. A bar is a mode (0 none, 1 it runs, 2 it
// stands), its limit, and since when it runs or its value.
const (
	groupSlots     = 7         // state, tone, epoch, lag, coordinator, awaited, until
	memberSlots    = 4 + 9 + 3 // state, tone, doing, partitions; poll, session, heartbeat; buffers
	partitionSlots = 5         // owner, committed, position, end, lag
)

// mostCells is about how many figures of partitions a page has, and so how often they
// are brought up to date; mostFrames is how many frames there are between events.
const (
	mostCells  = 100_000
	mostFrames = 900
	mostLooks  = 8_000_000 // cells that are looked at, in all frames
)

// frames makes the frames: one at each event of interest, at what is said, and at even
// distances between.
func (x *work) frames(d *pageData) {
	_, last, _ := x.run.Head()
	end := x.run.Moment(last, x.s.Duration)
	parts := x.layOut(d, &end)
	moments := x.moments(d.Slots)
	film := film{d: d, was: make([]any, d.Slots), now: make([]any, d.Slots), slots: make([]map[string]int, len(d.Groups))}
	for i := range d.Groups {
		film.slots[i] = map[string]int{}
		for _, p := range d.Groups[i].Partitions {
			film.slots[i][p.Name] = p.Slot
		}
	}
	each := max(parts*len(moments)*partitionSlots/mostCells, 1)
	for i, m := range moments {
		look := x.run.Moment(m.seq, m.at)
		film.take(&look, i%each == 0 || i == len(moments)-1)
		x.Progress(400 + 600*i/len(moments))
	}
}

// moment is a point of the run: right after event seq, at a time.
type moment struct {
	at  clock.Time
	seq uint64
}

// frameStep is the distance of the frames between events.
func (x *work) frameStep() clock.Duration {
	step := max(x.s.Duration/mostFrames, 1)
	for _, round := range []clock.Duration{100 * clock.Millisecond, clock.Second, 5 * clock.Second, 10 * clock.Second, clock.Minute} {
		if step <= round {
			return round
		}
	}
	return step
}

// moments are the points that have frames, in order: of a run with much to show and
// many events, not all of these.
func (x *work) moments(slots int) []moment {
	all := []moment{{}}
	events := x.entries()
	most := max(mostLooks/slots, mostFrames)
	for i, e := range events {
		if len(events) <= most || i*most/len(events) != (i+1)*most/len(events) {
			all = append(all, moment{e.At, e.Seq})
		}
	}
	for _, n := range x.told() {
		all = append(all, moment{n.At, n.Seq})
	}
	all = append(all, x.sampled...)
	all = append(all, moment{x.s.Duration, x.run.At(x.s.Duration)})
	slices.SortFunc(all, func(a, b moment) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq))
	})
	return slices.Compact(all)
}

// layOut gives everything its slots, and tells how many partitions there are.
func (x *work) layOut(d *pageData, end *model.Moment) (parts int) {
	slot := 0
	take := func(n int) int {
		slot += n
		return slot - n
	}
	for i := range end.Groups {
		g := &end.Groups[i]
		out := dataGroup{ID: g.ID, Slot: take(groupSlots), Queue: g.OfQueue(), Queues: strings.Join(g.Scenario.Queues(), ", "),
			Members: []dataMember{}, Partitions: []dataPart{}}
		for k := range g.Members {
			client := ""
			if g.Members[k].Scenario.ReadsKafka() {
				client = g.Members[k].Scenario.Client.String()
			}
			out.Members = append(out.Members, dataMember{g.Members[k].Name, client, take(memberSlots)})
		}
		for k := range g.Partitions {
			out.Partitions = append(out.Partitions, dataPart{g.Partitions[k].String(), take(partitionSlots)})
		}
		parts += len(g.Partitions)
		d.Groups = append(d.Groups, out)
	}
	d.Other = slot
	if len(end.Brokers) > 1 {
		for _, b := range end.Brokers {
			d.Others = append(d.Others, fmt.Sprintf("broker %d", b.ID))
		}
	}
	for _, q := range end.Queues {
		d.Others = append(d.Others, q.Name)
	}
	take(len(d.Others) + 1) // the last is of when the figures of partitions are
	d.Slots = slot
	return parts
}

// film is the frames while they are made.
type film struct {
	d        *pageData
	was, now []any
	slots    []map[string]int // of each group's partitions; never iterated
}

// take adds the frame of a moment; the figures of partitions only where they are due.
func (f *film) take(m *model.Moment, figures bool) {
	for i := range m.Groups {
		g, d := &m.Groups[i], &f.d.Groups[i]
		f.group(d.Slot, g)
		for k := range g.Members {
			f.member(d.Members[k].Slot, &g.Members[k], m.At)
		}
		for k := range g.Partitions {
			f.partition(f.slots[i][g.Partitions[k].String()], &g.Partitions[k], figures)
		}
	}
	f.others(m)
	if figures {
		f.set(f.d.Slots-1, int64(m.At))
	}
	cells := []any{}
	for slot, value := range f.now {
		if value != f.was[slot] {
			cells = append(cells, slot, value)
		}
	}
	copy(f.was, f.now)
	f.d.Frames = append(f.d.Frames, frame{m.At, m.Seq, cells})
}

func (f *film) set(slot int, values ...any) {
	for i, v := range values {
		f.now[slot+i] = v
	}
}

func (f *film) group(slot int, g *model.Group) {
	tone := model.Plain
	if g.Moving() {
		tone = model.Rebalance
	}
	until := int64(-1)
	if g.PhaseEnds != clock.Never {
		until = int64(g.PhaseEnds)
	}
	f.set(slot, g.StateWord(), tone.String(), g.EpochWords(), g.Lag, g.CoordinatorWords(), g.AwaitedWords(), until)
}

func (f *film) member(slot int, m *model.Member, at clock.Time) {
	has := ""
	if len(m.Assigned) > 0 {
		has = model.PartitionsText(m.Assigned)
	}
	f.set(slot, m.State, m.Tone.String(), m.Doing, has)
	for i, label := range []string{"poll", "session", "heartbeat"} {
		mode, limit, value := int64(0), int64(0), int64(0)
		if k := slices.IndexFunc(m.Bars, func(b model.Bar) bool { return b.Label == label }); k >= 0 {
			b := &m.Bars[k]
			mode, limit, value = 2, int64(b.Limit), int64(b.Value)
			if b.Runs {
				mode, value = 1, int64(at-b.Value)
			}
		}
		f.set(slot+4+3*i, mode, limit, value)
	}
	f.set(slot+13, bufferText(m.ClientRecords, m.ClientBytes), bufferText(m.BufferRecords, m.BufferBytes), bufferText(m.QueueRecords, m.QueueBytes))
}

// bufferText is what lies in a buffer; "" for nothing.
func bufferText(records, bytes int64) string {
	if records == 0 {
		return ""
	}
	return chart.Number(records) + " records · " + model.SizeText(bytes)
}

func (f *film) partition(slot int, p *model.Partition, figures bool) {
	f.set(slot, p.Owner)
	if figures || f.now[slot+3] == nil {
		f.set(slot+1, max(p.Committed, kafka.NoOffset), max(p.Position, kafka.NoOffset), p.End, p.Lag)
	}
}

func (f *film) others(m *model.Moment) {
	slot := f.d.Other
	if len(m.Brokers) > 1 {
		for _, b := range m.Brokers {
			f.set(slot, brokerText(&b))
			slot++
		}
	}
	for _, q := range m.Queues {
		f.set(slot, "waiting "+chart.Number(q.Waiting)+" · in flight "+chart.Number(q.InFlight)+" · delayed "+chart.Number(q.Delayed))
		slot++
	}
}

func brokerText(b *sim.BrokerLook) string {
	switch {
	case b.Down:
		return "✗ down"
	case b.Fenced:
		return "! fenced"
	}
	return "leads " + strconv.Itoa(b.Leads)
}
