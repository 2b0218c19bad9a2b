package cli

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"

	"ksim/internal/figures"
	"ksim/sim/clock"
)

// writeCSV writes a line a run and group; times are in milliseconds, and empty where
// there are none.
func (m *manySeeds) writeCSV(out io.Writer) error {
	w := csv.NewWriter(out)
	head := []string{"seed", "group"}
	for _, name := range figures.Names {
		head = append(head, column(name))
	}
	w.Write(append(head, "expectations", "expectations-held"))
	for i := range m.runs {
		run := &m.runs[i]
		for g := range run.groups {
			line := []string{strconv.FormatUint(m.seeds.from+uint64(i), 10), run.groups[g].ID}
			for k, name := range figures.Names {
				line = append(line, number(name, run.groups[g].Value(k)))
			}
			w.Write(append(line, strconv.Itoa(run.judged), strconv.Itoa(run.held)))
		}
	}
	w.Flush()
	return w.Error()
}

// column is a figure's name with its unit.
func column(name figures.Name) string {
	if name.Time {
		return name.Key + "-ms"
	}
	return name.Key
}

// number is a figure as a number; "" when there is none.
func number(name figures.Name, v int64) string {
	switch {
	case name.Time && v == figures.None:
		return ""
	case name.Time:
		return strconv.FormatFloat(float64(v)/float64(clock.Millisecond), 'f', -1, 64)
	}
	return strconv.FormatInt(v, 10)
}

// seedsJSON is the document of --format json.
type seedsJSON struct {
	Ksim     int         `json:"ksim"`
	Scenario string      `json:"scenario"`
	Version  string      `json:"version"`
	From     uint64      `json:"from"`
	To       uint64      `json:"to"`
	Failed   int         `json:"runs-that-fail"`
	Groups   []groupJSON `json:"groups"`
}

type groupJSON struct {
	Group   string       `json:"group"`
	Figures []figureJSON `json:"figures"`
}

type figureJSON struct {
	Name      string    `json:"name"` // times are in milliseconds
	Runs      int       `json:"runs"` // that have a value
	Min       any       `json:"min"`
	P50       any       `json:"p50"`
	P95       any       `json:"p95"`
	P99       any       `json:"p99"`
	Max       any       `json:"max"`
	Histogram []binJSON `json:"histogram"`
}

type binJSON struct {
	From any `json:"from"`
	To   any `json:"to"` // in the bin too
	Runs int `json:"runs"`
}

// writeJSON writes the distributions as one document.
func (m *manySeeds) writeJSON(out io.Writer) error {
	doc := seedsJSON{Ksim: 1, Scenario: m.scenario.Name, Version: versionText(), From: m.seeds.from, To: m.seeds.to, Groups: []groupJSON{}}
	doc.Failed, _ = m.failed()
	for g := range m.scenario.Groups {
		one := groupJSON{Group: m.scenario.Groups[g].ID}
		for i, name := range figures.Names {
			d := m.distribution(g, i)
			value := func(v int64) any {
				if n := number(name, v); n != "" {
					return json.Number(n)
				}
				return nil
			}
			f := figureJSON{
				Name: column(name), Runs: d.Count(), Min: value(d.Percentile(0)), P50: value(d.Percentile(50)),
				P95: value(d.Percentile(95)), P99: value(d.Percentile(99)), Max: value(d.Percentile(100)), Histogram: []binJSON{},
			}
			unit := int64(1)
			if name.Time {
				unit = finest
			}
			for _, x := range d.Bins(mostBars, unit) {
				f.Histogram = append(f.Histogram, binJSON{value(x.From), value(x.To), x.Runs})
			}
			one.Figures = append(one.Figures, f)
		}
		doc.Groups = append(doc.Groups, one)
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(&doc)
}
