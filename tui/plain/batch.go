package plain

import (
	"fmt"
	"slices"
	"strconv"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/tui/chart"
)

// batch is what a poll has returned, at work until the next poll or the commit.
type batch struct {
	since   clock.Time
	records int64
	slow    bool // something else than its records has taken time: a slow record, a pause
}

// pace is how long the batches of a member have taken, record by record.
type pace struct {
	took    clock.Duration
	records int64
}

// seeBatch takes in what begins and ends a batch.
func (m *member) seeBatch(e *trace.Event) {
	switch e.Type {
	case trace.AppPoll:
		m.endBatch(e.At)
		m.batch = nil
		if e.Records > 0 {
			m.batch = &batch{since: e.At, records: e.Records}
		}
	case trace.CommitFailed:
		m.endBatch(e.At)
	case trace.NetRequest:
		if e.What == "OffsetCommit" && m.conf.App.Commit == scenario.CommitBatch {
			m.endBatch(e.At)
		}
	case trace.WorkStarted, trace.MemberFrozen, trace.MemberStarted:
		if m.batch != nil {
			m.batch.slow = true
		}
	}
}

// endBatch adds a batch that is done to the member's pace, once.
func (m *member) endBatch(at clock.Time) {
	if m.batch == nil || m.batch.slow {
		return
	}
	m.pace.took += at - m.batch.since
	m.pace.records += m.batch.records
	m.batch.slow = true
}

// perRecord is how long a record takes, to three digits; 0 when no batch is done.
func (p pace) perRecord() clock.Duration {
	if p.records == 0 {
		return 0
	}
	each, unit := p.took/clock.Duration(p.records), clock.Duration(1)
	for each/unit >= 1000 {
		unit *= 10
	}
	return (each + unit/2) / unit * unit
}

// product is what the pattern of the second seed compares: the records of a poll,
// the time for each, and the limit that both have to keep to.
type product struct {
	records  int64 // max.poll.records
	each     clock.Duration
	property string // of the limit
	limit    clock.Duration
	polls    int64 // that the limit has to last for
}

// product is that of a member whose client polls batches and bounds them; false
// for others, and before a batch has been done.
func (m *member) product() (product, bool) {
	p, ok := m.bounded()
	p.each = m.pace.perRecord()
	return p, ok && p.each > 0
}

// bounded is the product as the scenario has it, without the time for each record.
func (m *member) bounded() (product, bool) {
	if m.conf.App.Model != scenario.Sequential || m.conf.Client.Profile == "librdkafka" || m.group.conf.Share {
		return product{}, false // a worker of a queue has no configuration at all
	}
	row, has := m.conf.Config.Row("max.poll.records")
	if !has {
		return product{}, false
	}
	p := product{records: m.conf.Config.Int(row.Name), property: "max.poll.interval.ms", limit: m.conf.PollLimit(), polls: 1}
	if m.heartbeatsInPoll() {
		p.property, p.limit = m.group.conf.SessionLimit(m.conf)
		if m.conf.App.Commit == scenario.CommitAuto || m.conf.App.Commit == scenario.CommitNone {
			p.polls = 2 // the answer to one poll's heartbeat is read by the next, and only then another may be sent
		}
	}
	return p, p.limit > 0 && p.records > 1
}

// NeedsDetail tells whether a text says more of a scenario when it hears of detail
// too: a whole poll may take half of its limit or longer, and the events of polls tell
// how many records were at work when it was over. Else detail would only cost time.
func NeedsDetail(s *scenario.Scenario) bool {
	w := newWorld(s)
	return slices.ContainsFunc(w.members, func(m *member) bool {
		p, ok := m.bounded()
		return ok && seldomLonger(m.conf.App.Process) >= p.limit/2/clock.Duration(p.records*p.polls)
	})
}

// seldomLonger is a duration that few draws exceed.
func seldomLonger(d clock.Dist) clock.Duration {
	switch d.Kind {
	case clock.Normal:
		return d.A + d.B
	case clock.Uniform, clock.Lognormal:
		return d.B
	case clock.Exponential:
		return 2 * d.A
	}
	longest := d.A
	for _, v := range d.Values {
		longest = max(longest, v)
	}
	return longest
}

// heartbeatsInPoll tells whether the member's client has no thread for them: Java
// before KIP-62, which knows no max.poll.interval.ms either.
func (m *member) heartbeatsInPoll() bool {
	return m.conf.Client.Profile == "java" && m.conf.PollLimit() == 0
}

// took is how long a whole poll's records take.
func (p product) took() clock.Duration { return clock.Duration(p.records) * p.each }

// share is how much of the limit that is, in thousandths.
func (p product) share() int64 {
	return int64(p.took() * clock.Duration(p.polls) / max(p.limit/1000, 1))
}

// safe is how many records keep to 0.7 of the limit: the rest is for slow ones,
// and for pauses.
func (p product) safe() int64 { return int64(p.limit/10*7/p.each) / p.polls }

// words prints `500 records (max.poll.records), which at 120 ms each take 60 s`.
func (p product) words() string {
	return fmt.Sprintf("%s (max.poll.records), which at %s each take %s", counted(p.records, "record"), lasting(p.each), lasting(p.took()))
}

// fits prints what keeps to the limit.
func (p product) fits() string {
	n := p.safe()
	text := fmt.Sprintf("%s × %s = %s, within 0.7 of ", chart.Number(n), lasting(p.each), lasting(clock.Duration(n)*p.each))
	if p.polls > 1 {
		text += "half of "
	}
	text += "the " + lasting(p.limit) + " of " + p.property
	if p.polls > 1 {
		text += ", for a program of that client that does not call commitSync() heartbeats with each second poll() only"
	}
	return text
}

// tooMuch tells whether an eviction came of a batch that was longer than the limit.
func (x *eviction) tooMuch() (product, bool) {
	if x.frozen || x.crashed || x.work != nil || x.batch == 0 {
		return product{}, false
	}
	p, ok := x.member.product()
	p.records = x.batch
	inTime := x.own || x.reason == trace.ReasonSessionTimeout && x.member.heartbeatsInPoll()
	return p, ok && inTime && p.took()*clock.Duration(p.polls) >= p.limit
}

// fewerRecords is the max.poll.records that keeps a batch within its limit; "" when
// a single record is too long for it.
func (p *Writer) fewerRecords(x *eviction, of product) (change, why string) {
	if of.safe() < 1 {
		return "", ""
	}
	path, _ := p.scope(x.member, "max.poll.records")
	return path + ".max.poll.records=" + strconv.FormatInt(of.safe(), 10), of.fits()
}
