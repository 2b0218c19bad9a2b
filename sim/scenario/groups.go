package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ksim/sim/config"
	"ksim/sim/kafka"
)

// readGroups reads `groups`.
func (l *loader) readGroups(n *node) {
	l.groups.what, l.members.what = "group", "member"
	if n == nil || n.bad {
		l.groups.unsure, l.members.unsure, l.readersUnsure = true, true, true
	}
	if n == nil {
		return
	}
	names := l.nameMembers(n)
	total := 0
	for i, g := range n.items {
		if g.kind != isMap {
			l.groups.unsure, l.readersUnsure = true, true
			continue
		}
		if total += len(names[i]); total > MaxMembers {
			l.errorAt(g.place, "", "the groups have more than %d members together", MaxMembers)
			return
		}
		l.readGroup(g, names[i], "groups["+strconv.Itoa(i)+"]")
	}
}

// nameMembers gives the names of each group's members and registers them.
func (l *loader) nameMembers(groups *node) [][]string {
	names := countedMembers(groups)
	for i, g := range groups.items {
		members := g.usable("members")
		if members == nil {
			l.members.unsure = true
			continue
		}
		for _, name := range names[i] {
			l.members.add(name)
		}
		for _, m := range members.items {
			names[i] = append(names[i], l.memberName(m))
		}
	}
	return names
}

// countedMembers gives the names of the members of those groups that give a
// number. A number makes A, B, C, …: the first letters that no member of the
// file has, so that names stay unique when several groups are counted.
func countedMembers(groups *node) [][]string {
	taken := map[string]bool{}
	counts := make([]int, len(groups.items))
	for i, g := range groups.items {
		members := g.get("members")
		if members == nil {
			continue
		}
		if n, err := strconv.Atoi(members.text); err == nil && members.kind == isScalar && !members.quoted && n <= MaxMembers {
			counts[i] = n
		}
		for _, m := range members.items {
			taken[nameOfEntry(m)] = true
		}
	}
	names := make([][]string, len(groups.items))
	letter := 0
	for i, count := range counts {
		// One more than allowed is enough to see that there are too many.
		for len(names[i]) < count && letter <= 2*MaxMembers {
			if name := letters(letter); !taken[name] {
				names[i] = append(names[i], name)
			}
			letter++
		}
	}
	return names
}

// memberName gives the name of an entry of `members`, "" when it has none that
// can be used.
func (l *loader) memberName(m *node) string {
	n := m
	if m.kind == isMap {
		n = m.usable("name")
	}
	if n == nil || n.bad || n.kind != isScalar {
		l.members.unsure = true
		return ""
	}
	switch {
	case n.text == noOwner:
		l.reject(n, "", "a member cannot be called %q: that is what expectations call no owner", n.text)
	case !l.members.add(n.text):
		l.reject(n, "names are unique in a file", "a member is called %q already", n.text)
	}
	return n.text
}

// letters gives the names A … Z, AA, AB, … of counted members.
func letters(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

func (l *loader) readGroup(n *node, names []string, at string) {
	g := Group{Pos: n.place.pos}
	if id := n.usable("id"); id != nil {
		g.ID = id.text
		if !l.groups.add(g.ID) {
			l.reject(id, "", "a group is called %q already", g.ID)
		}
	} else {
		l.groups.unsure = true
	}
	if topics := n.usable("topics"); topics != nil {
		g.Topics = l.subscription(topics)
	} else if model := modelOf(n.get("app")); model == nil || needsKafka(model) {
		l.readersUnsure = true
	}
	if kind := n.usable("type"); kind != nil && kind.text == "share" {
		g.Share = true
		l.checkShareBrokers(kind)
	}
	if given := n.usable("group-config"); given != nil {
		var problems []config.Problem
		g.Config, problems = config.GroupSide(l.s.Cluster.Version, l.given(given), l.s.Cluster.Config)
		l.problems(given, problems)
	} else {
		g.Config, _ = config.GroupSide(l.s.Cluster.Version, nil, l.s.Cluster.Config)
	}
	l.readMembers(&g, n, names, at)
	l.s.Groups = append(l.s.Groups, g)
}

// readMembers resolves each member; those that say nothing of their own share
// what the group says.
func (l *loader) readMembers(g *Group, n *node, names []string, at string) {
	var shared *setup
	share := func() *setup {
		if shared == nil {
			shared = l.setup(n, nil, at)
			l.checkShare(g, shared, n, nil)
			l.checkServed(shared.given)
		}
		return shared
	}
	if len(names) == 0 {
		share() // there are errors already; find those of the group, too
	}
	members := n.usable("members")
	for i, name := range names {
		if l.full() {
			return // there are errors enough
		}
		m := Member{Name: name, Pos: n.place.pos}
		var spec *node
		if members.kind == isList {
			m.Pos = members.items[i].place.pos
			if members.items[i].kind == isMap {
				spec = members.items[i]
			}
		}
		m.Start = l.time(spec, "start", 0)
		var own *setup
		if spec.get("client") != nil || spec.get("config") != nil || spec.get("app") != nil {
			own = l.setup(n, spec, at)
			l.checkShare(g, own, n, spec)
			l.checkServed(own.given)
		} else {
			own = share()
		}
		l.checkClientID(own, name)
		m.Client, m.Config, m.App = own.client, own.config, own.app
		g.Members = append(g.Members, m)
		l.groupOfMember[name] = g.ID
	}
}

// subscription reads the topics of a group.
func (l *loader) subscription(n *node) []string {
	var topics []string
	has := map[string]bool{}
	for _, t := range n.items {
		if t.bad {
			l.readersUnsure = true
			continue
		}
		if _, known := l.find(&l.topics, t.place, t.text); !known {
			l.readersUnsure = true
		}
		if has[t.text] {
			l.reject(t, "", "the group has topic %q already", t.text)
			continue
		}
		has[t.text] = true
		topics = append(topics, t.text)
	}
	return topics
}

// setup is what the members of a group share unless they say otherwise: client,
// config and app.
type setup struct {
	client Client
	config config.Set
	app    App
	given  *node // config as given
	share  bool  // its consumer is a Java share consumer
}

// setup resolves client, config and app of a group or, when member is not nil,
// of a member that has some of its own.
func (l *loader) setup(group, member *node, at string) *setup {
	var app *node
	var model *object
	if !group.unsure("app") && !member.unsure("app") {
		app, model = l.mergedApp(group.get("app"), member.get("app"))
	}
	if model != nil && needsKafka(model) {
		l.checkKafka(group, member, at)
	}
	name := group.usable("client")
	if own := member.usable("client"); own != nil {
		name = own
	}
	if model != nil && !needsKafka(model) {
		name = nil
		l.warnOfConsumer(group, member)
	}
	s := &setup{given: overlaid(properties{}, group.usable("config"), member.usable("config"))}
	known := false
	if name != nil {
		s.client, known = l.client(name)
	}
	if kind := group.usable("type"); kind != nil {
		s.share = kind.text == "share" && s.client.Profile == "java"
	}
	var a adaptation
	if known && name.place.fromOverride() && app != nil {
		app = a.lackedBy(app, s.client)
	}
	if model != nil {
		s.app = l.app(model, app, s.client, group.place)
	}
	if known {
		problems := l.configure(s, name, &a, model != nil && commitsItself(model, app) && !clientCommits(s.client, s.app))
		if id := group.usable("id"); id != nil {
			l.checkGroupID(s, id.text)
		}
		l.warnOfSession(s, name.place, problems)
		l.checkSpellings(group.usable("config"), s.client)
		l.checkSpellings(member.usable("config"), s.client)
	}
	return s
}

// configure resolves the client's properties. An application that commits by
// its own calls has no auto-commit unless the file asks for it: what is given
// later counts.
func (l *loader) configure(s *setup, name *node, a *adaptation, commits bool) []config.Problem {
	resolve := func() []config.Problem {
		var given []config.Property
		if commits && config.Has(s.client.Profile, s.client.Version, "enable.auto.commit") {
			given = append(given, config.Property{Key: "enable.auto.commit", Value: "false"})
		}
		var problems []config.Problem
		given = append(given, l.given(s.given)...)
		if s.share {
			s.config, problems = config.ShareConsumer(s.client.Version, given)
		} else {
			s.config, problems = config.Consumer(s.client.Profile, s.client.Version, given)
		}
		return problems
	}
	problems := resolve()
	if name.place.fromOverride() {
		for a.adapt(s, name, problems) {
			problems = resolve()
		}
		a.warn(l, s, name)
	}
	l.problems(s.given, problems)
	l.unsupportedValues(s.given, problems)
	return problems
}

// client reads a client's name and checks that it and the brokers understand
// each other.
func (l *loader) client(n *node) (Client, bool) {
	profile, version, unknown := config.ParseClient(n.text)
	if unknown != nil {
		l.reject(n, unknown.Hint, "%s", unknown.Message)
		return Client{}, false
	}
	if l.unsupported(n.place, "client="+profile, "client "+strconv.Quote(n.text)) {
		return Client{}, false
	}
	as := config.RunsAs(profile, version)
	if as != version {
		which := "oldest"
		if version > as {
			which = "newest"
		}
		l.warnAt(n.place, "", "%s %s runs as %s, the %s that ksim knows: what differs between them is not shown", profile, version, as, which)
	}
	if why := config.Compatible(profile, version, l.s.Cluster.Version); why != "" && !l.brokerUnsure {
		l.errorAt(n.place, "", "%s", why)
	}
	return Client{profile, as}, true
}

// checkKafka reports what a member of a Kafka group cannot do without.
func (l *loader) checkKafka(group, member *node, at string) {
	if !group.has("client") && !member.has("client") {
		l.errorAt(group.place, "", "%s lacks %q: expected a client such as java, java@4.1 or librdkafka@2.10", at, "client")
	}
	if !group.has("topics") {
		l.errorAt(group.place, "", "%s lacks %q: expected the topics that its members subscribe to", at, "topics")
	}
}

// unsupportedValues refuses properties that ask for what ksim does not run yet.
// Of a list the first entry counts: it is the one that the group will choose.
func (l *loader) unsupportedValues(given *node, problems []config.Problem) {
	for _, f := range given.entries() {
		if isRefused(problems, f.key) {
			continue
		}
		first, _, _ := strings.Cut(bare(f.value), ",")
		first = strings.TrimSpace(first)
		l.unsupported(f.value.place, f.key+"="+strings.ToLower(first), f.key+" "+strconv.Quote(first))
	}
}

// property finds a property by its dotted name or, as the Python clients spell it,
// by the name with underscores.
func property(given *node, name string) *field {
	if f := given.field(name); f != nil {
		return f
	}
	return given.field(strings.ReplaceAll(name, ".", "_"))
}

// own finds a property by any of the names that the client has for it; the last
// counts.
func (s *setup) own(name string) (found *field) {
	if s.client.Profile == "" {
		return property(s.given, name)
	}
	for i := range s.given.entries() {
		if f := &s.given.fields[i]; config.Named(s.client.Profile, s.client.Version, f.key, name) {
			found = f
		}
	}
	return found
}

// checkSpellings refuses a property that one map gives by two names and with two
// values: only one can be meant.
func (l *loader) checkSpellings(given *node, c Client) {
	for i, f := range given.entries() {
		for _, before := range given.fields[:i] {
			if f.key != before.key && bare(f.value) != bare(before.value) && config.Named(c.Profile, c.Version, f.key, before.key) {
				l.reject(f.value, "leave one out", "%s is %s, but %s, the same property, is %s", f.key, bare(f.value), before.key, bare(before.value))
			}
		}
	}
}

// checkClientID refuses a client.id that is not the member's name: range goes
// by the name.
func (l *loader) checkClientID(s *setup, name string) {
	if f := s.own("client.id"); f != nil && f.value.kind == isScalar && f.value.text != name {
		l.reject(f.value, "leave it out", "client.id %q is not the member's name, %q: a member's client.id is its name", f.value.text, name)
	}
}

// oldestConsumerProtocol is the oldest broker that has the consumer protocol for use
// (KIP-848); the early access of 3.7 to 3.9 is not modelled.
var oldestConsumerProtocol = kafka.V(4, 0, 0)

// checkServed refuses a member of the consumer protocol where the brokers do not
// serve it: the answer to its first heartbeat would be UNSUPPORTED_VERSION.
func (l *loader) checkServed(given *node) {
	f := property(given, "group.protocol")
	if f == nil || f.value.kind != isScalar || !strings.EqualFold(f.value.text, "consumer") || l.brokerUnsure {
		return
	}
	const protocols = "group.coordinator.rebalance.protocols"
	switch c := &l.s.Cluster; {
	case c.Version < oldestConsumerProtocol:
		l.reject(f.value, fmt.Sprintf("expected cluster.version %s or newer", oldestConsumerProtocol), "brokers %s do not serve the consumer protocol", c.Version)
	case !slices.Contains(c.Config.List(protocols), "consumer"):
		l.reject(f.value, fmt.Sprintf("%s is %q", protocols, c.Config.String(protocols)), "these brokers do not serve the consumer protocol")
	}
}

// checkGroupID refuses a group.id that is not the group's.
func (l *loader) checkGroupID(s *setup, id string) {
	if f := s.own("group.id"); f != nil && f.value.kind == isScalar && f.value.text != id {
		l.reject(f.value, "leave it out", "group.id %q is not the group's id, %q", f.value.text, id)
	}
}

// warnOfSession warns of a session that the broker will refuse at JoinGroup: a
// client starts with it all the same. Of a default session, it is the broker's
// bound that is to blame.
func (l *loader) warnOfSession(s *setup, client place, problems []config.Problem) {
	session, broker := s.config.Int("session.timeout.ms"), l.s.Cluster.Config
	least, most := broker.Int("group.min.session.timeout.ms"), broker.Int("group.max.session.timeout.ms")
	if session >= least && session <= most || l.brokerUnsure || isRefused(problems, "session.timeout.ms") {
		return
	}
	allowed := fmt.Sprintf("it allows %d to %d (group.min.session.timeout.ms, group.max.session.timeout.ms)", least, most)
	if least > most {
		allowed = fmt.Sprintf("it allows none (group.min.session.timeout.ms %d, group.max.session.timeout.ms %d)", least, most)
	}
	bound := "group.max.session.timeout.ms"
	if session < least {
		bound = "group.min.session.timeout.ms"
	}
	where, whose := client, ", the default of "+s.client.String()
	if f := s.own("session.timeout.ms"); f != nil {
		where, whose = f.value.place, ""
	} else if f := l.brokerConfig.field(bound); f != nil {
		where = f.value.place
	}
	l.warnAt(where, "", "the broker will refuse every JoinGroup: session.timeout.ms is %d%s, %s", session, whose, allowed)
}

// overlaid is a map with the entries of over put over those of base, maps within
// maps likewise. Other values, among them durations that vary, are replaced.
func overlaid(is shape, base, over *node) *node {
	if base == nil || over == nil || base.kind != isMap || over.kind != isMap {
		if over != nil {
			return over
		}
		return base
	}
	merged := &node{kind: isMap, place: over.place, bad: base.bad || over.bad}
	for _, f := range base.fields {
		if over.field(f.key) == nil {
			merged.fields = append(merged.fields, f)
		}
	}
	for _, f := range over.fields {
		if within := inner(is, f.key); within != nil {
			f.value = overlaid(within, base.get(f.key), f.value)
		}
		merged.fields = append(merged.fields, f)
	}
	return merged
}

// inner is the shape of a map within a map, nil for any other value.
func inner(is shape, name string) shape {
	var within shape
	switch s := is.(type) {
	case *object:
		if k := s.key(name); k != nil {
			within = k.is
		}
	case mapOf:
		within = s.of
	}
	switch within.(type) {
	case *object, mapOf:
		return within
	}
	return nil
}
