package export

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/tui/chart"
	"ksim/tui/model"
	"ksim/tui/plain"
)

//go:embed page/page.html
var pageText string

//go:embed page/page.css
var pageStyle string

//go:embed page/moment.js
var momentScript string

//go:embed page/panels.js
var panelsScript string

//go:embed page/keys.js
var keysScript string

// pageScript is one script of all files, whose names are nobody else's.
var pageScript = "\"use strict\";\n(() => {\n" + momentScript + panelsScript + keysScript + "})();\n"

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"clock": model.ClockText}).Parse(pageText))

// page is what the page's template shows; what its script needs is in Data.
type page struct {
	Name, Title, Facts string
	LeftOut            string // how many lines of the log, if any
	Story              []string
	Policy             string // Content-Security-Policy: nothing is loaded, and no other script runs
	Style              template.CSS
	Script, Data       template.JS
	Marks, Ticks       template.HTML
	Groups             []pageGroup
	Rows               []pageRow
	Said               []pageSaid
	Outcome            []string
	Figures            [][]string
}

// pageGroup is a group's part of the page.
type pageGroup struct {
	ID           string
	Intro        string
	Wide, Narrow template.HTML // its lag, for wide windows and narrow ones
}

// pageRow is a line of the log of events.
type pageRow struct {
	Seq        uint64
	At         clock.Time
	Who, Sign  string
	Text, Kind string // event, log, message
	Tone       string
	Type       trace.Type
}

// pageSaid is something that the scenario says.
type pageSaid struct {
	Seq      uint64
	At       clock.Time
	Say, Ask []string
}

// pageData is what the script is given: what it shows when. It computes nothing of
// the run.
type pageData struct {
	Name     string        `json:"name"`
	End      clock.Time    `json:"end"`
	Groups   []dataGroup   `json:"groups"`
	Others   []string      `json:"others"` // brokers and queues, by slot from `other` on
	Other    int           `json:"other"`
	Slots    int           `json:"slots"`
	Frames   []frame       `json:"frames"`
	Events   [][3]int64    `json:"events"` // of each row: its cause's number, 0 is the scenario; its rule, -1: none; 1: steps stop at it
	Rules    []dataRule    `json:"rules"`
	Said     []dataSaid    `json:"said"`
	Chapters []dataChapter `json:"chapters"`
}

type dataGroup struct {
	ID         string       `json:"id"`
	Slot       int          `json:"slot"`
	Queue      bool         `json:"queue"`
	Queues     string       `json:"queues"`
	Members    []dataMember `json:"members"`
	Partitions []dataPart   `json:"partitions"`
}

type dataMember struct {
	Name   string `json:"name"`
	Client string `json:"client"`
	Slot   int    `json:"slot"`
}

type dataPart struct {
	Name string `json:"name"`
	Slot int    `json:"slot"`
}

type dataRule struct {
	Name     string `json:"name"`
	Meaning  string `json:"meaning,omitempty"`
	Document string `json:"document,omitempty"`
}

// dataSaid is, of what is said, what the page does with it beside showing it.
type dataSaid struct {
	Choices   []string `json:"choices,omitempty"` // of a question
	Derived   bool     `json:"derived,omitempty"` // they are what may come next
	Answer    string   `json:"answer,omitempty"`  // the right one; "" when nobody knows
	Happens   uint64   `json:"happens,omitempty"` // the event that answers it
	Explained int      `json:"explained"`         // and what is said of that: an index, -1: nothing
}

type dataChapter struct {
	Title string     `json:"title"`
	At    clock.Time `json:"t"`
	Seq   uint64     `json:"s"`
}

// writePage writes the page.
func writePage(x *work, w io.Writer) error {
	p := page{
		Name: x.s.Name, Title: x.s.Title, Facts: strings.Join(plain.Facts(x.s, x.Version), " · "),
		Style: template.CSS(pageStyle), Script: template.JS(pageScript),
		Outcome: x.outline.Story, Figures: x.outline.Table,
	}
	p.Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src '" + hashOf(pageStyle) + "'; script-src '" + hashOf(pageScript) + "'"
	p.Story = paragraphs(strings.ReplaceAll(model.Unmarked(x.s.Story), "`", ""))
	p.Marks, p.Ticks = x.ruler()
	for i := range x.s.Groups {
		g := pageGroup{ID: x.s.Groups[i].ID, Intro: plain.Introduce(x.s, &x.s.Groups[i])}
		g.Wide, g.Narrow = x.pageChart(i, 620, 120), x.pageChart(i, 350, 120)
		p.Groups = append(p.Groups, g)
	}
	data := pageData{Name: x.s.Name, End: x.s.Duration, Groups: []dataGroup{}, Others: []string{}, Events: [][3]int64{}, Rules: []dataRule{}, Said: []dataSaid{}}
	x.pageRows(&p, &data)
	x.pageSaid(&p, &data)
	for _, c := range x.run.Chapters() {
		data.Chapters = append(data.Chapters, dataChapter{c.Title, c.At, c.Seq})
	}
	x.frames(&data)
	text, err := json.Marshal(&data)
	if err != nil {
		return err
	}
	p.Data = template.JS(text)
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, &p); err != nil {
		return err
	}
	_, err = w.Write(out.Bytes())
	return err
}

// hashOf is what a Content-Security-Policy calls a script or a style that may be used.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// paragraphs is a text by its paragraphs, each in one line.
func paragraphs(text string) []string {
	var out []string
	for _, p := range strings.Split(model.Unfold(strings.TrimSpace(text)), "\n\n") {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

func (x *work) pageChart(group, width, height int) template.HTML {
	body, high := x.lagChart(group, width, height)
	if high == 0 {
		return ""
	}
	return template.HTML(fmt.Sprintf(`<svg class="chart" viewBox="0 0 %d %d" data-left="%d" data-plot="%d" role="img" aria-label="lag over time">%s</svg>`,
		width, high, chartLeft, width-chartLeft-chartRight, body))
}

// rulerColumns is how many marks have room side by side.
const rulerColumns = 120

// ruler draws marks of what happens when, the most telling one where several lie
// together, and the labels of the time.
func (x *work) ruler() (marks, ticks template.HTML) {
	type mark struct {
		at          clock.Time
		sign, class string
		rank        int
	}
	var at [rulerColumns]mark
	end := max(x.s.Duration, 1)
	put := func(m mark) {
		c := min(int(int64(m.at)*rulerColumns/int64(end)), rulerColumns-1)
		if m.rank > at[c].rank {
			at[c] = m
		}
	}
	for _, e := range x.entries() {
		switch {
		case e.Tone == model.Trouble:
			put(mark{e.At, "✗", "trouble", 5})
		case e.Tone == model.Warning:
			put(mark{e.At, "!", "warning", 4})
		case model.Rebalances(e):
			put(mark{e.At, "↻", "rebalance", 3})
		}
	}
	for _, n := range x.told() {
		if n.Asks() {
			put(mark{n.At, "?", "said", 6})
		} else {
			put(mark{n.At, "·", "said", 1})
		}
	}
	var b, t strings.Builder
	percent := func(at clock.Time) string { return fmt.Sprintf("%.2f%%", 100*float64(at)/float64(end)) }
	for c, m := range at {
		if m.rank > 0 {
			fmt.Fprintf(&b, `<text class="%s" x="%.2f%%" y="13" data-t="%d">%s</text>`, m.class, 100*(float64(c)+0.5)/rulerColumns, m.at, m.sign)
		}
	}
	each := chart.TimeStep(end, 80)
	for at := clock.Time(0); at <= end; at += each {
		anchor := "middle"
		switch {
		case at == 0:
			anchor = "start"
		case at+each > end:
			anchor = "end"
		}
		fmt.Fprintf(&t, `<text x="%s" y="11" text-anchor="%s">%s</text>`, percent(at), anchor, chart.Clock(at))
	}
	return template.HTML(b.String()), template.HTML(t.String())
}

// pageRows are events, lines of log and telling messages, in order.
func (x *work) pageRows(p *page, d *pageData) {
	rules := map[string]int64{}
	ruleOf := func(e *trace.Event) int64 {
		r := x.run.Rule(e)
		if r == nil {
			return -1
		}
		key := r.Name()
		if n, known := rules[key]; known {
			return n
		}
		rules[key] = int64(len(d.Rules))
		d.Rules = append(d.Rules, dataRule{strings.ReplaceAll(key, "   ", "  "), r.Row.Meaning, r.Document})
		return rules[key]
	}
	net, keeps := x.net, x.keeps(p)
	if keeps != nil {
		net = nil
	}
	messages := func(before uint64) {
		for len(net) > 0 && net[0].Seq < before {
			e := &net[0]
			net = net[1:]
			text := e.Member + " → coordinator: " + e.What
			if e.Type == trace.NetResponse {
				text = "coordinator → " + e.Member + ": " + e.What + " answered"
			}
			p.Rows = append(p.Rows, pageRow{Seq: e.Seq, At: e.At, Sign: "⇄", Who: e.Member, Text: text, Kind: "message", Tone: "plain", Type: e.Type})
			d.Events = append(d.Events, [3]int64{int64(x.cause[e.Cause]), -1, 0})
		}
	}
	for i := range x.run.Entries() {
		e := &x.run.Entries()[i]
		messages(e.Seq)
		if e.Text == "" || keeps != nil && !keeps(e) {
			continue
		}
		row := pageRow{Seq: e.Seq, At: e.At, Who: e.Member, Sign: strings.TrimSpace(e.Tone.Sign()), Text: e.Text, Kind: "event", Tone: e.Tone.String(), Type: e.Type}
		if row.Who == "" {
			row.Who = e.Group
		}
		stops := int64(1)
		if e.Type == trace.Log {
			row.Kind, row.Sign, stops = "log", "»", 0
			row.Who = e.Member
			if e.Broker > 0 {
				row.Who = fmt.Sprintf("broker %d", e.Broker)
			}
			row.Text = strings.TrimSpace(e.Level + " " + strings.Join(append([]string{e.Event.Text}, e.More...), "\n"))
		}
		p.Rows = append(p.Rows, row)
		d.Events = append(d.Events, [3]int64{int64(x.cause[e.Cause]), ruleOf(&e.Event), stops})
	}
	messages(atEnd)
}

// mostPageRows is how many lines a browser takes with ease.
const mostPageRows = 12_000

// keeps tells which entries of a long run the page has: nil for all of it, else those
// without requests, lines of log that tell of no trouble and, if need be, what is
// neither trouble nor a rebalance. The page says how many are left out.
func (x *work) keeps(p *page) func(*model.Entry) bool {
	entries := x.run.Entries()
	if len(entries)+len(x.net) <= mostPageRows {
		return nil
	}
	urgent := func(e *model.Entry) bool { return e.Tone == model.Trouble || e.Tone == model.Warning }
	var keep func(*model.Entry) bool
	for _, keep = range []func(*model.Entry) bool{
		func(e *model.Entry) bool { return !e.Quiet || urgent(e) },
		func(e *model.Entry) bool { return !e.Quiet && (urgent(e) || e.Tone == model.Rebalance) },
		func(e *model.Entry) bool { return !e.Quiet && (e.Tone == model.Trouble || model.Rebalances(e)) },
	} {
		n := 0
		for i := range entries {
			if keep(&entries[i]) {
				n++
			}
		}
		p.LeftOut = chart.Number(int64(len(entries) + len(x.net) - n))
		if n <= mostPageRows {
			break
		}
	}
	return keep
}

// pageSaid is what the scenario says, and of its questions the choices and the answer.
func (x *work) pageSaid(p *page, d *pageData) {
	index := map[*scenario.Narration]int{}
	var questions []*model.Question
	told := x.told()
	for i := range told {
		n := &told[i]
		index[n.Narration] = len(p.Said)
		p.Said = append(p.Said, pageSaid{n.Seq, n.At, paragraphs(n.Say), paragraphs(n.Ask)})
		d.Said = append(d.Said, dataSaid{Explained: -1})
		questions = append(questions, nil)
		if n.Asks() {
			questions[len(questions)-1] = x.run.Question(n)
		}
	}
	for i, q := range questions {
		if q == nil {
			continue
		}
		out := &d.Said[i]
		out.Choices, out.Derived, out.Answer = q.Choices, q.Derived, q.Answer
		if q.Happens != nil {
			out.Happens = q.Happens.Seq
		}
		if q.Explained != nil {
			if n, ok := index[q.Explained.Narration]; ok {
				out.Explained = n
			}
		}
	}
}
