package screen

import (
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/tui/chart"
	"ksim/tui/model"
)

// partitionRows is how many partitions the chosen group reads.
func (s *State) partitionRows() int {
	m := s.moment()
	if len(m.Groups) == 0 {
		return 0
	}
	return len(m.Groups[s.group].Partitions)
}

// offsetText is an offset, – when there is none.
func offsetText(n int64) string {
	if n < 0 {
		return "–"
	}
	return chart.Number(n)
}

// partitionLines is a line for each partition of the chosen group.
func (s *State) partitionLines(w, h int) []line {
	m := s.moment()
	if len(m.Groups) == 0 || len(m.Groups[s.group].Partitions) == 0 {
		return []line{say(faint, "This group reads no topic.")}
	}
	g := &m.Groups[s.group]
	title, names, name := partitionNames(g.Partitions, w)
	spark := max(min(w-name-2-offsetColumns, 30), 0)
	lines := []line{say(faint, fit(title, name)+"  owner    committed  position       end       lag")}
	if n := s.rows[partitionsPanel]; n >= len(g.Partitions) {
		s.rows[partitionsPanel] = len(g.Partitions) - 1
	}
	top := int64(1)
	for i := range g.Partitions {
		top = max(top, s.run().PartitionLag(s.group, g.Partitions[i].TopicPartition, s.at).Peak().Value)
		if i > 200 { // the scale of so many is that of the first ones
			break
		}
	}
	from, to := window(len(g.Partitions), s.rows[partitionsPanel], h-1)
	s.aim(partitionsPanel, 1, 0)
	for i := from; i < to; i++ {
		s.aim(partitionsPanel, 1, target(i+1))
		lines = append(lines, s.onePartition(&g.Partitions[i], fit(names[i], name), spark, top, i == s.rows[partitionsPanel]))
	}
	return lines
}

// offsetColumns is how wide owner, offsets and lag are.
const offsetColumns = 8 + 3*10 + 10

// partitionNames is what the partitions are called: by number, below their topic's
// name, where there is one topic.
func partitionNames(all []model.Partition, w int) (title string, names []string, wide int) {
	one := all[0].Topic == all[len(all)-1].Topic
	if one {
		title, wide = all[0].Topic, min(width(all[0].Topic), max(w-offsetColumns-2, 4))
	}
	for i := range all {
		n := all[i].String()
		if one {
			n = right(strconv.Itoa(int(all[i].Partition)), min(wide, 5))
		}
		names, wide = append(names, n), max(wide, min(width(n), max(w-offsetColumns-2, 4)))
	}
	return title, names, wide
}

// onePartition is who reads it, and how far.
func (s *State) onePartition(p *model.Partition, name string, spark int, top int64, isChosen bool) line {
	owner, k := p.Owner, plain
	if owner == "" {
		owner, k = "–", faint
	}
	l := line{{name + "  ", plain}, {fit(owner, 8), k}}
	for _, n := range []int64{p.Committed, p.Position, p.End} {
		l = l.add(plain, right(offsetText(n), 11)[1:])
	}
	lagLook := look(plain)
	if p.Lag > 0 {
		lagLook = strong
	}
	l = l.add(lagLook, right(chart.Number(p.Lag), 10))
	if spark > 3 {
		l = l.add(plain, " ").add(rebalance, chart.Spark(s.run().PartitionLag(s.group, p.TopicPartition, s.at), 0, max(s.at, clock.Second), spark-1, top, s.o.ASCII))
	}
	if isChosen && s.focus == partitionsPanel {
		return l.all(chosen)
	}
	return l
}

// lagLines is the lag of the chosen group over the whole run, with what happened
// below it.
func (s *State) lagLines(w, h int) []line {
	r := s.run()
	sc := r.Scenario()
	if len(sc.Groups) == 0 {
		return nil
	}
	series := r.Lag(s.group, s.at)
	p := chart.Plot{Series: series, To: max(s.end(), clock.Second), Width: w, ASCII: s.o.ASCII, PerTick: 1, Lanes: r.Lanes(s.group, s.seq, s.at, s.o.ASCII)}
	if !s.hides() { // the scale would tell what is to come
		p.Top = r.Lag(s.group, s.end()).Peak().Value
	}
	if most := max(h-1-2-4, 0); len(p.Lanes) > most {
		p.Lanes = p.Lanes[:most]
	}
	if n := (h - 1 - 2 - len(p.Lanes)) / 4; n > 1 {
		p.PerTick = min(n, 5)
	}
	lag := s.moment().Groups[s.group].Lag // the curve has it at full seconds only
	now := "lag " + chart.Number(lag) + " records"
	if lag == 1 {
		now = "lag 1 record"
	}
	switch peak := series.Peak(); {
	case lag > 0 && lag >= peak.Value:
		now += " · the most so far"
	case peak.Value > 0:
		now += " · peak " + chart.Number(peak.Value) + " at " + chart.Clock(peak.At)
	}
	if rises := series.Rises(); len(rises) > 0 && rises[len(rises)-1].To.At >= s.at-10*clock.Second {
		now += " · " + rises[len(rises)-1].Slope()
	}
	lines := []line{say(plain, cut(now, w))}
	text := p.Lines()
	axis := len(text) - 2 - len(p.Lanes)
	for i, t := range text {
		k := rebalance
		switch {
		case i == axis || i == axis+1:
			k = faint
		case i > axis:
			k = plain
		}
		lines = append(lines, say(k, t))
	}
	return lines
}

// bufferLines is what lies between the broker and a member's work: fetched by the
// client and not handed out, handed out and not done.
func (s *State) bufferLines(w, h int) []line {
	m := s.moment()
	lines := []line{say(faint, fit("", nameWidth(s))+"   "+right("records", 10)+right("size", 11))}
	for i := range m.Groups {
		for k := range m.Groups[i].Members {
			lines = append(lines, s.buffersOf(&m.Groups[i].Members[k], w)...)
		}
	}
	if len(lines) == 1 {
		return []line{say(faint, "No member runs.")}
	}
	s.rows[buffersPanel] = max(min(s.rows[buffersPanel], len(lines)-h), 0)
	return append(lines[:1:1], lines[1+s.rows[buffersPanel]:]...)
}

// buffersOf is the buffers of a member that has any.
func (s *State) buffersOf(m *model.Member, w int) []line {
	var lines []line
	name := m.Name
	spark := max(min(w-nameWidth(s)-40, 60), 0)
	add := func(label string, kind model.BufferKind, records, bytes int64) {
		series := s.run().Buffer(m.Name, kind, s.at)
		if records == 0 && bytes == 0 && series.Peak().Value == 0 {
			return
		}
		l := line{{fit(name, nameWidth(s)), strong}, {"   " + right(chart.Number(records), 10) + right(model.SizeText(bytes), 11) + "  ", plain}}
		l = l.add(faint, fit(label, 13))
		if spark > 3 {
			l = l.add(rebalance, chart.Spark(series, 0, max(s.at, clock.Second), spark, max(series.Peak().Value, 1), s.o.ASCII))
		}
		lines = append(lines, l)
		name = ""
	}
	add("client", model.ClientBuffer, m.ClientRecords, m.ClientBytes)
	add("application", model.AppBuffer, m.BufferRecords, m.BufferBytes)
	add("work queue", model.WorkQueue, m.QueueRecords, m.QueueBytes)
	if len(lines) == 0 {
		return []line{say(strong, fit(name, nameWidth(s))).add(faint, "   "+strings.Repeat(" ", 9)+"nothing buffered")}
	}
	return lines
}
