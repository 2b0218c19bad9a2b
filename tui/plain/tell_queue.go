package plain

import (
	"fmt"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/tui/chart"
)

// introduceWorkers says who receives from which queue in a group, and how.
func introduceWorkers(s *scenario.Scenario, g *scenario.Group, names []string) string {
	var first *scenario.App
	for i := range g.Members {
		if m := &g.Members[i]; !m.ReadsKafka() {
			first = &m.App
			break
		}
	}
	text := g.ID + ": " + list(names, 6) + verb(len(names), " receives from ", " receive from ")
	for i, name := range g.Queues() {
		if i > 0 {
			text += ", "
		}
		text += name + " (" + queueFacts(s, name) + ")"
	}
	switch {
	case first.ReceiveMax > 1:
		text += fmt.Sprintf(" · up to %d messages at once", first.ReceiveMax)
	default:
		text += " · one message at a time"
	}
	if first.Process.IsFixed() && first.Process.A > 0 {
		text += ", " + lasting(first.Process.A) + " of work each"
	}
	if first.WaitTime > 0 {
		text += " · long polls of " + lasting(first.WaitTime)
	}
	if first.ExtendEvery > 0 {
		text += " · extends its messages each " + lasting(first.ExtendEvery)
	}
	return text
}

// queueFacts says what a queue is and what is sent to it.
func queueFacts(s *scenario.Scenario, name string) string {
	var parts []string
	for i := range s.Queues {
		q := &s.Queues[i]
		if q.Name != name {
			continue
		}
		if q.FIFO {
			parts = append(parts, "FIFO")
		}
		parts = append(parts, "visibility-timeout "+lasting(q.Visibility))
		if q.Delay > 0 {
			parts = append(parts, "delay "+lasting(q.Delay))
		}
		if q.DeadLetter != "" {
			parts = append(parts, fmt.Sprintf("to %s after %s", q.DeadLetter, counted(int64(q.MaxReceives), "receive")))
		}
	}
	for _, x := range s.Producers {
		if x.Queue == name && x.Rate.Records > 0 {
			parts = append(parts, strings.Replace(rate(x.Rate), "record", "message", 1)+" of "+counted(x.Size, "byte"))
		}
	}
	return strings.Join(parts, ", ")
}

// fansOut says what a fan-out group makes of its records; "" of other groups.
func fansOut(g *scenario.Group) string {
	for i := range g.Members {
		if a := &g.Members[i].App; a.Model == scenario.FanOut {
			return " and" + verb(len(g.Members), " sends ", " send ") + counted(a.Tasks, "task") + " a record to " + a.QueueName
		}
	}
	return ""
}

// leastDepth is the depth from which on a queue has a chart.
const leastDepth = 5

// depths draws how much the queues held over time.
func (p *Writer) depths(end clock.Time) {
	drawn := 0
	for _, q := range p.world.queues {
		if q.depth.Peak().Value < leastDepth || drawn == mostCharts {
			continue
		}
		drawn++
		lanes := []chart.Lane{{Name: "again", Mark: string(markReturned), At: q.returned}}
		if len(q.returned) == 0 {
			lanes = nil
		} else if p.o.ASCII {
			lanes[0].Mark = p.page.plainer(lanes[0].Mark)
		}
		p.page.line()
		p.plot("messages in "+q.conf.Name, q.depth, lanes, end, 2)
	}
}

// tellQueues tells in a sentence or two what became of each queue's messages.
func (p *Writer) tellQueues(s *Summary) (told []string) {
	for _, q := range p.world.queues {
		arrived := q.sent + q.redriven
		if arrived == 0 {
			continue
		}
		text := q.conf.Name + ": " + counted(arrived, "message") + verb(int(arrived), " was sent", " were sent")
		if q.sent == 0 {
			text = q.conf.Name + ": " + counted(arrived, "message") + " came from other queues"
		}
		if q.duplicates > 0 {
			text += ", " + counted(q.duplicates, "duplicate") + " left out"
		}
		switch {
		case q.deleted == 0:
			text += ", and none was deleted"
		case q.deleted == arrived:
			text += verb(int(arrived), ", processed and deleted", ", and all were processed and deleted")
		default:
			text += ", " + chart.Number(q.deleted) + verb(int(q.deleted), " was", " were") + " processed and deleted"
		}
		if rest := arrived - q.deleted - q.dead - q.discarded; rest > 0 {
			text += ", " + chart.Number(rest) + verb(int(rest), " is", " are") + " in it at the end"
		}
		text += "." + q.troubles()
		told = append(told, text)
	}
	if len(told) > 0 {
		told[len(told)-1] += p.lostMessages(s)
	}
	return told
}

// troubles says what went wrong with a queue's messages.
func (q *queue) troubles() (text string) {
	if n := len(q.returned); n > 0 {
		when := often(n)
		text += " " + strings.ToUpper(when[:1]) + when[1:] + " a message was visible again before it was deleted"
		if q.late > 0 {
			text += fmt.Sprintf(", and %s came too late", counted(q.late, "delete"))
		}
		if q.slowest != nil && q.longest > q.conf.Visibility {
			text += fmt.Sprintf(": %s had a message for %s, the visibility timeout is %s", q.slowest.conf.Name, lasting(q.longest), lasting(q.conf.Visibility))
		}
		text += "."
	}
	if q.given > 0 {
		when := often(int(q.given))
		text += " " + strings.ToUpper(when[:1]) + when[1:] + " a worker gave a message back."
	}
	if q.dead > 0 {
		text += " " + chart.Number(q.dead) + verb(int(q.dead), " was", " were") + " received too often and went to " + q.conf.DeadLetter
		switch {
		case q.done == q.dead:
			text += ", after " + verb(int(q.done), "it", "they") + " had been processed"
		case q.done > 0:
			text += fmt.Sprintf(", %s of them after it had been processed", chart.Number(q.done))
		}
		text += "."
	}
	if q.discarded > 0 {
		text += " " + chart.Number(q.discarded) + verb(int(q.discarded), " was", " were") + " too old and deleted unprocessed."
	}
	return text
}

// lostMessages says how many messages were processed twice, and how many never.
func (p *Writer) lostMessages(s *Summary) (text string) {
	for i, g := range p.world.groups {
		if len(g.conf.Queues()) == 0 {
			continue
		}
		var repeated int64
		for k, m := range p.world.members {
			if m.group == g && k < len(s.Members) {
				repeated += s.Members[k].Repeated
			}
		}
		if repeated > 0 {
			text += " " + g.conf.ID + " worked " + often(int(repeated)) + " on what had been done before."
		}
		if i < len(s.Lost) && s.Lost[i] > 0 {
			text += " " + counted(s.Lost[i], "message") + verb(int(s.Lost[i]), " was", " were") + " lost: gone, and never processed."
		}
	}
	return text
}

// tryQueues offers more time for messages that came back.
func (p *Writer) tryQueues(run func(...string) string) (commands [][2]string) {
	for i, q := range p.world.queues {
		if len(q.returned) == 0 || q.slowest == nil || q.longest <= q.conf.Visibility {
			continue
		}
		more := roundUp(q.longest + q.longest/2)
		if more > 12*clock.Hour {
			continue
		}
		path := "queues." + segment(q.conf.Name, i) + ".visibility-timeout=" + scenario.FormatDuration(more)
		commands = append(commands, [2]string{run("--set", path), "more time than the work takes"})
		g := q.slowest.group
		for k := range p.world.groups {
			if p.world.groups[k] == g && q.slowest.conf.App.ExtendEvery == 0 {
				path = "groups." + segment(g.conf.ID, k) + ".app.extend-every=" + scenario.FormatDuration(q.conf.Visibility/2)
				commands = append(commands, [2]string{run("--set", path), "a worker that asks for more time while it works"})
			}
		}
		break
	}
	return commands
}
