package screen

import (
	"slices"
	"strconv"
	"strings"

	"ksim/tui/model"
)

// Listed is a scenario of a catalogue.
type Listed struct {
	Name    string // by which it is opened
	Subject string
	Title   string
	Story   string
}

// Picker is the list of scenarios by subject, of which one is opened.
type Picker struct {
	wishes
	all     []Listed
	colours Theme
	ascii   bool

	w, h   int
	chosen int // of those that pass the filter
	top    int // the first row of the list that is seen
	filter string
	typing bool
	before string // the filter, until the new one is done
	help   bool
	rows   []int // which entry stands in each row that is seen; −1: none
	word   string

	// Opened is the scenario that was chosen; "" as long as none is.
	Opened string
}

// NewPicker lists scenarios, those of a subject beside each other. First is the name of
// the one that a newcomer should open.
func NewPicker(all []Listed, first string, colours Theme, ascii bool) *Picker {
	p := &Picker{all: all, colours: colours, ascii: ascii}
	p.chosen = max(slices.IndexFunc(all, func(x Listed) bool { return x.Name == first }), 0)
	return p
}

// Tell says something in the last line: why a scenario could not be opened.
func (p *Picker) Tell(word string) { p.word = word }

// Reopen makes the list ready to be shown again, where it was left.
func (p *Picker) Reopen() { p.Opened, p.quit = "", false }

func (p *Picker) theme() Theme { return p.colours }

// Resize says how large the screen is.
func (p *Picker) Resize(w, h int) { p.w, p.h = w, h }

// Busy tells whether time changes anything: nothing here.
func (p *Picker) Busy() bool { return false }

// Tick lets time pass.
func (p *Picker) Tick(int64) bool { return false }

// Simulate works ahead.
func (p *Picker) Simulate() bool { return false }

// shown is the scenarios that have all words of the filter, by index.
func (p *Picker) shown() []int {
	words := strings.Fields(strings.ToLower(p.filter))
	var shown []int
	for i := range p.all {
		x := &p.all[i]
		text := strings.ToLower(x.Name + " " + x.Subject + " " + x.Title + " " + x.Story)
		fits := true
		for _, w := range words {
			fits = fits && strings.Contains(text, w)
		}
		if fits {
			shown = append(shown, i)
		}
	}
	return shown
}

// pickerKeys is all keys of the list: what they do is decided here, and its help is
// made of it.
var pickerKeys = []struct {
	keys []string
	help string
	do   func(*Picker)
}{
	{[]string{"enter", "right", "l"}, "open it", (*Picker).open},
	{[]string{"j", "down"}, "the next one", func(p *Picker) { p.move(1) }},
	{[]string{"k", "up"}, "the one before", func(p *Picker) { p.move(-1) }},
	{[]string{"ctrl-d", "pgdn", "space"}, "down by ten", func(p *Picker) { p.move(10) }},
	{[]string{"ctrl-u", "pgup"}, "up by ten", func(p *Picker) { p.move(-10) }},
	{[]string{"g", "home"}, "the first one", func(p *Picker) { p.move(-len(p.all)) }},
	{[]string{"G", "end"}, "the last one", func(p *Picker) { p.move(len(p.all)) }},
	{[]string{"}", "tab"}, "the next subject", func(p *Picker) { p.turnSubject(1) }},
	{[]string{"{", "backtab"}, "the subject before", func(p *Picker) { p.turnSubject(-1) }},
	{[]string{"/"}, "filter by words of name, title and story", func(p *Picker) { p.typing, p.before = true, p.filter }},
	{[]string{"?"}, "this help", func(p *Picker) { p.help = true }},
	{[]string{"esc"}, "back: the whole list again", func(p *Picker) { p.setFilter("") }},
	{[]string{"ctrl-l"}, "draw everything anew", func(p *Picker) { p.redraw = true }},
	{[]string{"ctrl-z"}, "leave for the shell; `fg` comes back", func(p *Picker) { p.suspend = true }},
	{[]string{"q", "ctrl-c"}, "quit", func(p *Picker) { p.quit = true }},
}

// Key takes in one key.
func (p *Picker) Key(key string) {
	p.word = ""
	switch {
	case key == "ctrl-c":
		p.quit = true
	case p.typing:
		p.edit(key)
	case p.help:
		p.help = false
	default:
		for _, b := range pickerKeys {
			for _, k := range b.keys {
				if k == key {
					b.do(p)
					return
				}
			}
		}
		p.word = key + " does nothing here: ? shows the keys"
	}
}

// edit is a key while the filter is typed.
func (p *Picker) edit(key string) {
	switch key {
	case "esc":
		p.typing = false
		p.setFilter(p.before)
	case "enter":
		p.typing = false
	case "down", "up":
		p.typing = false
		p.Key(key)
	case "backspace":
		if r := []rune(p.filter); len(r) > 0 {
			p.setFilter(string(r[:len(r)-1]))
		} else {
			p.typing = false
		}
	case "ctrl-u":
		p.setFilter("")
	case "space":
		p.setFilter(p.filter + " ")
	default:
		if len([]rune(key)) == 1 {
			p.setFilter(p.filter + key)
		}
	}
}

// setFilter shows what passes another filter; the chosen one stays chosen if it does.
func (p *Picker) setFilter(filter string) {
	was := -1
	if shown := p.shown(); p.chosen < len(shown) {
		was = shown[p.chosen]
	}
	p.filter, p.chosen = filter, 0
	for n, i := range p.shown() {
		if i == was {
			p.chosen = n
		}
	}
}

func (p *Picker) move(by int) {
	p.chosen = max(min(p.chosen+by, len(p.shown())-1), 0)
}

// turnSubject goes to the first scenario of another subject.
func (p *Picker) turnSubject(by int) {
	shown := p.shown()
	if len(shown) == 0 {
		return
	}
	subject := func(n int) string { return p.all[shown[n]].Subject }
	n := p.chosen
	if by < 0 && n > 0 {
		n--
	}
	for n+by >= 0 && n+by < len(shown) && (by > 0 && subject(n) == subject(p.chosen) || by < 0 && subject(n+by) == subject(n)) {
		n += by
	}
	p.chosen = n
}

func (p *Picker) open() {
	shown := p.shown()
	if len(shown) == 0 {
		p.word = "no scenario has these words: esc shows all"
		return
	}
	p.Opened, p.quit = p.all[shown[p.chosen]].Name, true
}

// Mouse chooses the scenario that is pressed, and opens the chosen one.
func (p *Picker) Mouse(_, y int, did MouseAct) {
	switch did {
	case WheelUp:
		p.move(-3)
	case WheelDown:
		p.move(3)
	default:
		row := y - 2
		if p.help || row < 0 || row >= len(p.rows) || p.rows[row] < 0 {
			p.help = false
			return
		}
		if p.rows[row] == p.chosen {
			p.open()
			return
		}
		p.chosen = p.rows[row]
	}
}

// frame draws the whole screen: the list, and beside or below it what the chosen
// scenario is about.
func (p *Picker) frame() *grid {
	g := newGrid(p.w, p.h, p.ascii)
	if p.w < 40 || p.h < 10 {
		g.put(0, 0, p.w, say(plain, "make the window larger, or q"))
		return g
	}
	shown := p.shown()
	right := strconv.Itoa(len(shown)) + " of " + strconv.Itoa(len(p.all)) + " scenarios "
	g.put(0, 0, p.w, say(strong, " ksim").add(plain, "  Kafka consumer groups, event by event: which one?"))
	g.put(p.w-width(right), 0, width(right), say(plain, right))
	listWidth, listHeight := p.w, p.h-10
	about := place{x: 1, y: p.h - 7, w: p.w - 2, h: 6}
	if p.w >= mediumWidth {
		listWidth, listHeight = p.w*58/100, p.h-3
		about = place{x: listWidth + 2, y: 2, w: p.w - listWidth - 3, h: p.h - 3}
	}
	p.list(g, shown, listWidth, listHeight)
	if p.chosen < len(shown) {
		p.about(g, &p.all[shown[p.chosen]], about)
	}
	if p.help {
		p.helpOver(g)
	}
	p.footer(g)
	return g
}

// list draws the scenarios below their subjects, so that the chosen one is seen.
func (p *Picker) list(g *grid, shown []int, w, h int) {
	names := 12
	for _, i := range shown {
		names = max(names, width(p.all[i].Name))
	}
	names = min(names, w*45/100)
	var lines []line
	p.rows = nil
	chosenRow, subject := 0, "?"
	for n, i := range shown {
		x := &p.all[i]
		if x.Subject != subject {
			if subject != "?" {
				lines, p.rows = append(lines, nil), append(p.rows, -1)
			}
			subject = x.Subject
			lines, p.rows = append(lines, say(strong, " "+subject)), append(p.rows, -1)
		}
		l := line{{"   " + fit(x.Name, names) + "  ", focused}, {cut(x.Title, w-names-6), plain}}
		if n == p.chosen {
			chosenRow = len(lines)
			l = l.fill(w, plain).all(chosen)
		}
		lines, p.rows = append(lines, l), append(p.rows, n)
	}
	if len(lines) == 0 {
		lines = []line{say(faint, " No scenario has these words: esc shows all.")}
	}
	first := chosenRow // with its subject, where that is the line above
	if first > 0 && p.rows[first-1] < 0 {
		first--
	}
	p.top = max(min(p.top, first, len(lines)-1), chosenRow-h+1, 0)
	p.rows = p.rows[min(p.top, len(p.rows)):]
	g.lines(0, 2, w, h, lines[p.top:])
}

// about draws what a scenario is about.
func (p *Picker) about(g *grid, x *Listed, at place) {
	g.put(at.x, at.y, at.w, say(heading, strings.Repeat("─", at.w)))
	lines := []line{say(strong, cut(x.Name, at.w))}
	for _, t := range wrap(x.Title, at.w) {
		lines = append(lines, say(saying, t))
	}
	lines = append(lines, nil)
	for _, t := range wrap(model.Unmarked(model.Unfold(strings.TrimSpace(x.Story))), at.w) {
		lines = append(lines, say(plain, t))
	}
	if at.h <= 6 { // the title stands in the list already
		lines = lines[min(1, len(lines)):]
	}
	g.lines(at.x, at.y+1, at.w, at.h-1, lines)
}

func (p *Picker) footer(g *grid) {
	y := p.h - 1
	switch {
	case p.typing:
		g.put(0, y, p.w, say(strong, "/"+p.filter).add(chosen, " ").add(faint, "   enter keeps the filter, esc drops it"))
	case p.word != "":
		g.put(0, y, p.w, say(plain, " "+cut(p.word, p.w-1)))
	default:
		l := say(plain, "")
		if p.filter != "" {
			l = l.add(matching, " /"+p.filter).add(plain, "  ")
		}
		for _, h := range []hint{{"enter", "open"}, {"j k", "choose"}, {"{ }", "subject"}, {"/", "filter"}, {"?", "help"}, {"q", "quit"}} {
			l = append(l, h.line()...)
		}
		g.put(0, y, p.w, l)
	}
}

func (p *Picker) helpOver(g *grid) {
	lines := []line{nil}
	for _, b := range pickerKeys {
		lines = append(lines, say(focused, "  "+fit(strings.Join(keysShown(b.keys), " "), 18)).add(plain, b.help))
	}
	lines = append(lines, nil, say(faint, "  ksim run FILE opens a file of your own, ksim list prints this list."), nil)
	row := 0
	g.overlay("Keys", lines, &row)
}
