package screen

// panel is a part of the screen.
type panel uint8

const (
	noPanel panel = iota
	membersPanel
	groupsPanel
	partitionsPanel
	lagPanel
	buffersPanel
	eventsPanel
	whyPanel
	narrationPanel
	panels
)

var panelNames = [panels]string{
	membersPanel: "Members", groupsPanel: "Groups", partitionsPanel: "Partitions", lagPanel: "Lag", buffersPanel: "Buffers",
	eventsPanel: "Events", whyPanel: "Why", narrationPanel: "Narration",
}

// slot is a place that several panels share on a small screen: the one that had the
// keys last is there.
type slot uint8

const (
	stateSlot  slot = iota // 80×24: members, groups, partitions, lag, buffers
	figureSlot             // 120×36: lag, buffers
	wordsSlot              // 80×24: why, narration
	slots
)

// The least size, and from which on there is room for more.
const (
	leastWidth, leastHeight   = 80, 24
	mediumWidth, mediumHeight = 110, 32
	largeWidth, largeHeight   = 160, 48
)

// place is where a panel stands: its title in the first row, its lines below.
type place struct {
	panel      panel
	x, y, w, h int
	others     []panel // that share the place
}

// The rows that are always there: a header and the ruler above, the keys below.
const above, below = 3, 1

// layout is where the panels stand. With a panel enlarged it is the only one.
func (s *State) layout() []place {
	body := s.h - above - below
	switch {
	case s.zoomed:
		return []place{{panel: s.focus, y: above, w: s.w, h: body}}
	case s.w >= largeWidth && s.h >= largeHeight:
		return s.large(body)
	case s.w >= mediumWidth && s.h >= mediumHeight:
		return s.medium(body)
	}
	return s.small(body)
}

// sharedState tells whether one place is for all panels of state.
func (s *State) sharedState() bool { return !s.zoomed && (s.w < mediumWidth || s.h < mediumHeight) }

// small is one panel of state, the events, and one of words.
func (s *State) small(body int) []place {
	words := max(body/5, 4)
	events := max(body*3/10, 6)
	state := body - events - words
	y := above
	return []place{
		{s.shown[stateSlot], 0, y, s.w, state, []panel{membersPanel, groupsPanel, partitionsPanel, lagPanel, buffersPanel}},
		{eventsPanel, 0, y + state, s.w, events, nil},
		{s.shown[wordsSlot], 0, y + state + events, s.w, words, []panel{whyPanel, narrationPanel}},
	}
}

// medium is groups and members beside partitions and a figure, and the words below.
func (s *State) medium(body int) []place {
	upper := body * 50 / 100
	why, say := 5, 4
	if body > 34 {
		say = 5
	}
	events := body - upper - why - say
	left := s.w/2 - 1
	right, rightWidth := left+2, s.w-left-2
	groups := min(s.groupRows()+1, upper/3)
	parts := min(max(s.partitionRows()+2, 4), upper/2)
	y := above
	return []place{
		{membersPanel, 0, y, left, upper - groups, nil},
		{groupsPanel, 0, y + upper - groups, left, groups, nil},
		{partitionsPanel, right, y, rightWidth, parts, nil},
		{s.shown[figureSlot], right, y + parts, rightWidth, upper - parts, []panel{lagPanel, buffersPanel}},
		{eventsPanel, 0, y + upper, s.w, events, nil},
		{whyPanel, 0, y + upper + events, s.w, why, nil},
		{narrationPanel, 0, y + upper + events + why, s.w, say, nil},
	}
}

// large is everything at once, in three columns above and two below.
func (s *State) large(body int) []place {
	upper := body * 55 / 100
	lower := body - upper
	left := s.w*36/100 - 1
	middle := s.w*30/100 - 2
	rest := s.w - left - middle - 4
	groups := min(s.groupRows()+1, upper/3)
	parts := min(max(s.partitionRows()+2, 6), upper*2/3)
	words := s.w * 62 / 100
	y := above
	return []place{
		{membersPanel, 0, y, left, upper - groups, nil},
		{groupsPanel, 0, y + upper - groups, left, groups, nil},
		{partitionsPanel, left + 2, y, middle, parts, nil},
		{buffersPanel, left + 2, y + parts, middle, upper - parts, nil},
		{lagPanel, left + middle + 4, y, rest, upper, nil},
		{eventsPanel, 0, y + upper, words - 2, lower, nil},
		{whyPanel, words, y + upper, s.w - words, lower / 2, nil},
		{narrationPanel, words, y + upper + lower/2, s.w - words, lower - lower/2, nil},
	}
}

// setFocus gives the keys to a panel, and brings it to the fore where it shares a
// place.
func (s *State) setFocus(p panel) {
	s.focus = p
	switch p {
	case lagPanel, buffersPanel:
		s.shown[figureSlot] = p
		s.shown[stateSlot] = p
	case membersPanel, groupsPanel, partitionsPanel:
		s.shown[stateSlot] = p
	case whyPanel, narrationPanel:
		s.shown[wordsSlot] = p
	}
}

// turnFocus goes to the next panel, in the order of their numbers.
func (s *State) turnFocus(by int) {
	n := int(panels) - 1
	s.setFocus(panel((int(s.focus)-1+by+n)%n + 1))
}

func (s *State) toggleZoom() { s.zoomed = !s.zoomed }

// window gives which of n lines are shown in h rows so that the chosen one is among
// them, with lines around it.
func window(n, chosen, h int) (from, to int) {
	if n <= h {
		return 0, n
	}
	from = min(max(chosen-h/2, 0), n-h)
	return from, from + h
}
