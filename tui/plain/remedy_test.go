package plain

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"ksim/sim/scenario"
)

// TestRemedies: what the text suggests after an eviction is what a shell hands
// to ksim, ksim takes it without a word, and it keeps a pause or a piece of work
// from ending in an eviction. Where nothing would, nothing is suggested.
func TestRemedies(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell to read the commands")
	}
	const java, rdk = "client: java, topics: [t]", "client: librdkafka, topics: [t]"
	for _, c := range []struct {
		name, duration, group, timeline string
		set                             string // "" nothing
		evictions                       int    // with it
	}{
		{"pause", "3m", "id: g, members: [A], " + java, "freeze: A, for: 70s", "groups.g.config.session.timeout.ms=120000", 0},
		{"short pause", "3m", "id: g, members: [A, B], config: {session.timeout.ms: 10000}, " + java, "freeze: A, for: 20s", "groups.g.config.session.timeout.ms=30000", 0},
		{"no end of the pause", "80s", "id: g, members: [A], " + java, "freeze: A, for: 70s", "groups.g.config.session.timeout.ms=120000", 0},
		{"longer than poll() may take", "1h", "id: g, members: [A], " + java, "freeze: A, for: 5m", "", 0},
		{"longer than the broker allows", "2h", "id: g, members: [A], config: {max.poll.interval.ms: 7200000}, " + java, "freeze: A, for: 29m58s", "", 0},
		{"as long as the broker allows", "2h", "id: g, members: [A], config: {max.poll.interval.ms: 7200000}, " + java, "freeze: A, for: 29m55s", "groups.g.config.session.timeout.ms=1800000", 0},
		{"as long as librdkafka allows", "20m", "id: g, members: [A], config: {max.poll.interval.ms: 290000}, " + rdk, "freeze: A, for: 280s", "groups.g.config.session.timeout.ms=290000", 0},
		{"longer than librdkafka allows", "20m", "id: g, members: [A], config: {max.poll.interval.ms: 283000}, " + rdk, "freeze: A, for: 280s", "", 0},
		{"one member's own", "3m", "id: g, members: [A, {name: B.1, config: {session.timeout.ms: 10000}}], " + java, "freeze: B.1, for: 20s", `groups.g.members."B.1".config.session.timeout.ms=30000`, 0},

		{"crash", "3m", "id: g, members: [A, B], " + java, "crash: A", "groups.g.config.session.timeout.ms=22500", 1},
		{"crash, least session", "3m", "id: g, members: [A, B], config: {session.timeout.ms: 11000}, " + java, "crash: A", "", 0},
		{"crash, another's heartbeat", "3m", "id: g, members: [A, {name: B, config: {heartbeat.interval.ms: 22500}}], " + java, "crash: A", "", 0},

		{"work", "10m", "id: g, members: [A], " + java, "slow: {A: 7m}", "groups.g.config.max.poll.interval.ms=660000", 0},
		{"unending work", "6m", "id: g, members: [A], " + rdk, "slow: {A: 7m}", "groups.g.config.max.poll.interval.ms=900000", 0},
		{"work of a day", "25h", "id: g, members: [A], " + rdk, "slow: {A: 23h}", "groups.g.config.max.poll.interval.ms=86400000", 0},
		{"work of more than a day", "26h", "id: g, members: [A], " + rdk, "slow: {A: 25h}", "", 0},

		{"dots", "3m", "id: a.b, members: [A], " + java, "freeze: A, for: 20s", `groups."a.b".config.session.timeout.ms=30000`, 0},
		{"a shell's signs", "3m", `id: "it's $HOME & co", members: [A], ` + java, "freeze: A, for: 20s", "groups.it's $HOME & co.config.session.timeout.ms=30000", 0},
		{"signs of --set", "3m", `id: 'say "k=v"', members: [A], ` + java, "freeze: A, for: 20s", "groups.0.config.session.timeout.ms=30000", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			const name = `my $incident's (1).yaml`
			group := c.group
			if strings.HasPrefix(c.timeline, "freeze") && strings.HasSuffix(c.timeline, "20s") && !strings.Contains(group, "config") {
				group += ", config: {session.timeout.ms: 10000}"
			}
			src := file(c.duration, "  - {"+group+"}", "  - {at: 30s, "+c.timeline+"}")
			offered := commands(t, simulated(t, name, src, 0))
			set := offeredSet(t, offered, name)
			if string(set) != c.set {
				t.Fatalf("suggested %q, want %q", set, c.set)
			}
			untilShows(t, offered, name, src)
			if set == "" {
				return
			}
			if text := simulated(t, name, src, 0, set); evictions(text) != c.evictions {
				t.Errorf("--set %s does not help:\n%s", set, text)
			}
		})
	}
}

// offeredSet is the --set of the commands; each must name the file.
func offeredSet(t *testing.T, commands [][]string, name string) (set scenario.Override) {
	for _, words := range commands {
		if words[0] != "run" || words[1] != name {
			t.Fatalf("not the file: %q", words)
		}
		if i := slices.Index(words, "--set"); i > 0 {
			set = scenario.Override(words[i+1])
		}
	}
	return set
}

// untilShows runs the command that ends with the eviction.
func untilShows(t *testing.T, commands [][]string, name, src string) {
	words := commands[len(commands)-1]
	if len(words) != 5 || words[2] != "--until" || words[4] != "--all" {
		t.Fatalf("no --until: %q", words)
	}
	until, err := scenario.ParseDuration(words[3])
	if err != nil {
		t.Fatal(err)
	}
	if text := simulated(t, name, src, until); evictions(text) != 1 {
		t.Errorf("--until %s does not show the eviction:\n%s", words[3], text)
	}
}
