package conform

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// marks replace what differs from run to run, so that words count and figures
// do not.
var marks = []struct {
	re *regexp.Regexp
	by string
}{
	{regexp.MustCompile(`^\[(Consumer|GroupCoordinator)[^\]]*\]\s*`), ""},
	{regexp.MustCompile(`^\[(?:Group|GroupId) [^\]]*\]\s*`), "[Group] "},
	{regexp.MustCompile(`\b[\w.]+-#\d+|\b[\w.]+-[0-9a-f]{8}-[0-9a-f-]{27}`), "ID"},
	{regexp.MustCompile(`(?i)\b(member|id) [\w+/-]{22}`), "$1 ID"}, // KIP-848: random, and so are topic ids
	{regexp.MustCompile(`hash -\d`), "hash 0"},
	{regexp.MustCompile(`[\w.-]+:\d{4,5}\b`), "HOST"},
	{regexp.MustCompile(`\{.*\}`), "{…}"},
	{regexp.MustCompile(`\[[^\]]*\]`), "[…]"},
	{regexp.MustCompile(`\d+`), "N"},
	{regexp.MustCompile(`\s+`), " "},
}

func mark(text string) string {
	text = strings.TrimSpace(text)
	for _, m := range marks {
		text = m.re.ReplaceAllString(text, m.by)
	}
	return text
}

// glued is the mark of franz-go's lines: the recorder has printed their keys and
// values without anything between, so that only the letters can be compared.
func glued(text string) string {
	for _, re := range unglued {
		text = re.ReplaceAllString(text, "")
	}
	return text
}

// unglued is what is left out of them: member ids, partitions, all but letters.
var unglued = []*regexp.Regexp{
	regexp.MustCompile(`[A-Z]-#\d+|\b[\w.]+-[0-9a-f]{8}-[0-9a-f-]{27}`),
	regexp.MustCompile(`\[[^\]]*\]`),
	regexp.MustCompile(`[^A-Za-z]`),
}

// markerOf is the mark of a recording's client lines.
func markerOf(recording string) func(string) string {
	if strings.HasPrefix(recording, "franz-go") {
		return glued
	}
	return mark
}

// rawLine is one line of a raw recording.
type rawLine struct {
	Ev     string `json:"ev"`
	Member string `json:"member"`
	Level  string `json:"level"`
	Text   string `json:"text"`
}

// kinds is the distinct marked texts of each actor, with one real text each.
type kinds map[string]map[string]string

func (k kinds) add(actor, text string, marker func(string) string) {
	if actor == "broker" {
		marker = mark
	}
	if k[actor] == nil {
		k[actor] = map[string]string{}
	}
	k[actor][marker(text)] = text
}

// computed is in a line that the coordinator prints in one of two ways: at INFO, as
// here, or, if it logs at DEBUG, as the recorded one does, at DEBUG with what it has
// computed, which atInfo cuts off (TargetAssignmentBuilder's caller
// GroupMetadataManager.updateTargetAssignment).
const computed = "Computed a new target assignment for epoch"

var atInfo = regexp.MustCompile(`ms: \{.*\}\.$`)

// realKinds reads a raw recording.
func realKinds(text []byte, marker func(string) string) (kinds, error) {
	k := kinds{}
	for l := range strings.Lines(string(text)) {
		var r rawLine
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			return nil, err
		}
		switch {
		case r.Ev == "broker" && strings.Contains(r.Text, computed):
			k.add("broker", atInfo.ReplaceAllString(r.Text, "ms."), marker)
		case r.Ev == "broker" && r.Level != "DEBUG":
			k.add("broker", r.Text, marker)
		case r.Ev == "log" && r.Member != "":
			first, _, _ := strings.Cut(r.Text, "\n") // a trace has further lines apart
			k.add(r.Member, first, marker)
		}
	}
	return k, nil
}

// simKinds reads a trace. Of the broker's lines the recorder keeps those that name
// the group, so the others are left out here.
func simKinds(trace []observation, marker func(string) string) kinds {
	k := kinds{}
	var groups []string
	for _, o := range trace {
		if o.Group != "" && !slices.Contains(groups, o.Group) {
			groups = append(groups, o.Group)
		}
	}
	for _, o := range trace {
		if o.Type != "log" || o.Level == "DEBUG" {
			continue
		}
		actor := o.Member
		if actor == "" {
			actor = "broker"
			if !slices.ContainsFunc(groups, func(g string) bool { return strings.Contains(o.Text, g) }) {
				continue
			}
		}
		k.add(actor, o.Text, marker)
	}
	return k
}

// words is how many kinds of line agree.
type words struct {
	hit, real, printed int
	missing, invented  []string
}

func compareWords(real, sim kinds) words {
	var w words
	for actor, texts := range real {
		for m, text := range texts {
			w.real++
			if _, ok := sim[actor][m]; ok {
				w.hit++
			} else {
				w.missing = append(w.missing, actor+" "+text)
			}
		}
		for m, text := range sim[actor] {
			w.printed++
			if _, ok := texts[m]; !ok {
				w.invented = append(w.invented, actor+" "+text)
			}
		}
	}
	return w
}

func (w words) recall() float64    { return float64(w.hit) / float64(max(1, w.real)) }
func (w words) precision() float64 { return float64(w.hit) / float64(max(1, w.printed)) }
