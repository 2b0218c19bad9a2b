package conform

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// observation is one line of a recording or of a trace.
type observation struct {
	T          float64          `json:"t"`
	Type       string           `json:"type"`
	Group      string           `json:"group"`
	Member     string           `json:"member"`
	Generation *int             `json:"generation"`
	Members    *int             `json:"members"`
	Reason     string           `json:"reason"`
	Partitions []string         `json:"partitions"`
	Error      string           `json:"error"`
	Epoch      *int             `json:"epoch"`
	Level      string           `json:"level"`
	Text       string           `json:"text"`
	Committed  map[string]int64 `json:"committed"`
	End        map[string]int64 `json:"end"`
}

// compared is the detail that counts, by type; other types are not compared.
var compared = map[string]func(o *observation) string{
	"group.rebalancing":   func(o *observation) string { return num(o.Generation) + o.Reason + " " + o.Member },
	"group.stabilized":    func(o *observation) string { return num(o.Generation) + num(o.Members) },
	"group.emptied":       func(o *observation) string { return num(o.Generation) },
	"group.epoch":         func(o *observation) string { return num(o.Epoch) },
	"member.left":         func(o *observation) string { return o.Member },
	"member.removed":      func(o *observation) string { return o.Member + " " + o.Reason },
	"member.fenced":       func(o *observation) string { return o.Member },
	"member.stopped":      func(o *observation) string { return o.Member },
	"partitions.assigned": memberPartitions,
	"partitions.revoked":  memberPartitions,
	"partitions.lost":     memberPartitions,
	"poll.exceeded":       func(o *observation) string { return o.Member },
	"commit.failed":       func(o *observation) string { return o.Member + " " + o.Error },
}

func memberPartitions(o *observation) string {
	return o.Member + " " + strings.Join(slices.Sorted(slices.Values(o.Partitions)), ",")
}

func num(n *int) string {
	if n == nil {
		return "- "
	}
	return fmt.Sprint(*n, " ")
}

func (o *observation) key() string { return o.Type + " " + compared[o.Type](o) }

// actor is whose order counts: a group's own events, or a member's.
func (o *observation) actor() string {
	if strings.HasPrefix(o.Type, "group.") {
		return o.Group + " " + "group"
	}
	return o.Group + " member " + o.Member
}

// verdict is how well a trace agrees with a recording.
type verdict struct {
	fidelity                     float64
	matched, observed, simulated int
	errors                       []float64 // of the matched pairs, ms
	lagError                     float64
	samples                      int
	missing, invented            []string
}

// compare is the rule of the recordings: events are taken per actor in order; a
// pair matches when type and detail agree and the times differ by at most a
// heartbeat and half a second; missing and invented events both cost.
func compare(real, sim []observation, heartbeat float64) verdict {
	tolerance := heartbeat + 500
	end := 0.0
	for _, o := range real {
		end = max(end, o.T+tolerance)
	}
	R, S := byActor(real, math.Inf(1)), byActor(sim, end)
	var v verdict
	for _, actor := range union(R, S) {
		v.match(R[actor], S[actor], tolerance)
	}
	v.fidelity = 2 * float64(v.matched) / float64(max(1, v.observed+v.simulated))
	v.lag(real, sim)
	return v
}

func byActor(all []observation, end float64) map[string][]observation {
	m := map[string][]observation{}
	for _, o := range all {
		if compared[o.Type] != nil && o.T <= end {
			m[o.actor()] = append(m[o.actor()], o)
		}
	}
	return m
}

func union(a, b map[string][]observation) []string {
	var keys []string
	for _, m := range []map[string][]observation{a, b} {
		for k := range m {
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// cell is the best that two tails can do: most pairs, then least error.
type cell struct {
	n   int
	err float64
}

func (c cell) better(d cell) bool { return c.n > d.n || c.n == d.n && c.err < d.err }

// match finds the longest common order of one actor's events.
func (v *verdict) match(r, s []observation, tolerance float64) {
	d := make([][]cell, len(r)+1)
	for i := range d {
		d[i] = make([]cell, len(s)+1)
	}
	ok := func(i, j int) bool { return r[i].key() == s[j].key() && math.Abs(r[i].T-s[j].T) <= tolerance }
	for i := len(r) - 1; i >= 0; i-- {
		for j := len(s) - 1; j >= 0; j-- {
			best := d[i+1][j]
			if d[i][j+1].better(best) {
				best = d[i][j+1]
			}
			if ok(i, j) {
				pair := cell{d[i+1][j+1].n + 1, d[i+1][j+1].err + math.Abs(r[i].T-s[j].T)}
				if pair.better(best) {
					best = pair
				}
			}
			d[i][j] = best
		}
	}
	v.observed += len(r)
	v.simulated += len(s)
	i, j := 0, 0
	for i < len(r) || j < len(s) {
		switch {
		case i < len(r) && j < len(s) && ok(i, j) && d[i][j] == (cell{d[i+1][j+1].n + 1, d[i+1][j+1].err + math.Abs(r[i].T-s[j].T)}):
			v.matched++
			v.errors = append(v.errors, math.Abs(r[i].T-s[j].T))
			i, j = i+1, j+1
		case j == len(s) || i < len(r) && d[i+1][j] == d[i][j]:
			v.missing = append(v.missing, fmt.Sprintf("%.0f %s", r[i].T, r[i].key()))
			i++
		default:
			v.invented = append(v.invented, fmt.Sprintf("%.0f %s", s[j].T, s[j].key()))
			j++
		}
	}
}

// lag compares the lag curves: mean difference as a share of the largest real
// lag; a sample that the trace lacks, the last one apart, counts as 1.
func (v *verdict) lag(real, sim []observation) {
	R, order := lags(real)
	S, _ := lags(sim)
	top, sum, gone := int64(0), int64(0), 0
	for k, lag := range R {
		top = max(top, lag)
		switch got, ok := S[k]; {
		case ok:
			v.samples++
			sum += max(lag-got, got-lag)
		case k != order[len(order)-1]:
			gone++
		}
	}
	if v.samples == 0 {
		v.lagError = 1
		return
	}
	v.lagError = (float64(sum)/float64(max(top, 1)) + float64(gone)) / float64(v.samples+gone)
}

func lags(all []observation) (map[string]int64, []string) {
	m, order := map[string]int64{}, []string(nil)
	for _, o := range all {
		if o.Type != "offsets" {
			continue
		}
		key := fmt.Sprintf("%.0f %s", math.RoundToEven(o.T/1000), o.Group)
		order = append(order, key)
		m[key] = 0
		for p, end := range o.End {
			m[key] += max(0, end-max(0, o.Committed[p]))
		}
	}
	return m, order
}

// parse reads lines of JSON; lines without a type are headers.
func parse(text []byte) ([]observation, error) {
	var out []observation
	for n, l := range strings.Split(string(text), "\n") {
		if strings.TrimSpace(l) == "" {
			continue
		}
		var o observation
		if err := json.Unmarshal([]byte(l), &o); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		if o.Type != "" {
			out = append(out, o)
		}
	}
	return out, nil
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(x))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
