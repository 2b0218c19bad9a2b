package screen

import (
	"strings"

	"ksim/tui/model"
)

// whyNow is why the chosen event happened, made once.
func (s *State) whyNow() *model.Why {
	of, n := s.subject(), len(s.run().Entries())
	s.moment() // resets what was seen of another branch
	if s.seen.whyOf != of || s.seen.whyEntries != n {
		s.seen.why, s.seen.whyOf, s.seen.whyEntries = s.run().Why(of), of, n
	}
	return &s.seen.why
}

// why opens the causes; within them it follows the one that is chosen.
func (s *State) why() {
	s.playing = false
	if s.subject() == 0 {
		s.tell("nothing has happened yet: n goes to the first event")
		return
	}
	if s.focus != whyPanel {
		s.setFocus(whyPanel)
		s.rows[whyPanel] = 0
		s.tell("j and k choose a cause, enter follows it, t goes to its time, esc comes back")
		return
	}
	chain := s.whyNow().Chain
	i := len(chain) - 1 - s.rows[whyPanel]
	if i == len(chain)-1 && i > 0 {
		i-- // the event itself is chosen: its cause is meant
	}
	if i < 0 || len(chain) < 2 {
		s.tell("this is where it begins: the scenario says so")
		return
	}
	s.trail = append(s.trail, s.subject())
	s.picked, s.rows[whyPanel] = chain[i].Seq, 0
}

// whyLines is the chain of causes, the event first, and the property that rules it.
func (s *State) whyLines(w, h int) []line {
	if s.subject() == 0 {
		return []line{say(faint, "Nothing has happened yet: n goes to the first event.")}
	}
	why := s.whyNow()
	n := len(why.Chain)
	s.rows[whyPanel] = min(s.rows[whyPanel], max(n-1, 0))
	var rule []line
	if why.Rule != nil {
		rule = ruleLines(why.Rule, w, h)
	}
	room := max(h-len(rule), 1)
	var lines []line
	at := 0
	for i := n - 1; i >= 0; i-- {
		row := n - 1 - i
		if row == s.rows[whyPanel] {
			at = len(lines)
		}
		lines = append(lines, s.causeLines(&why.Chain[i], row, w, h > 8)...)
		s.aim(whyPanel, len(lines)-len(s.targets[whyPanel]), why.Chain[i].Seq)
	}
	if room > len(lines)+1 && len(why.Effects) > 0 && !s.hides() {
		effects := effectLines(why.Effects, w, room-len(lines))
		for i := range effects {
			s.aim(whyPanel, 1, why.Effects[i].Seq)
		}
		lines = append(lines, effects...)
	}
	from, to := window(len(lines), at, room)
	s.targets[whyPanel] = s.targets[whyPanel][from:to]
	return append(lines[from:to:to], rule...)
}

// causeLines is one event of the chain: the text over several lines where there is
// room.
func (s *State) causeLines(c *model.Cause, row, w int, whole bool) []line {
	sign := "← "
	if row == 0 {
		sign = "▶ "
	}
	texts := []string{cut(c.Text, w-14)}
	if whole {
		texts = wrap(c.Text, w-14)
	}
	lines := make([]line, len(texts))
	for i, t := range texts {
		head, k := "", plain
		if i == 0 {
			head = sign + right(model.ClockText(c.At), 10)
		}
		if c.Seq > s.seq {
			k = faint
		}
		lines[i] = line{{fit(head, 14), faint}, {t, k}}
		if row == s.rows[whyPanel] && s.focus == whyPanel {
			lines[i] = lines[i].fill(w, plain).all(chosen)
		}
	}
	return lines
}

// effectLines is what follows from the event at once.
func effectLines(effects []model.Cause, w, most int) []line {
	var lines []line
	for i := range effects {
		if len(lines) == most {
			break
		}
		lines = append(lines, say(faint, "→ "+right(model.ClockText(effects[i].At), 10)+"  "+cut(effects[i].Text, w-14)))
	}
	return lines
}

// ruleLines is the property that rules the event, with what it means where there is
// room.
func ruleLines(r *model.Rule, w, h int) []line {
	lines := []line{say(strong, cut("rule: "+strings.ReplaceAll(r.Name(), "   ", "  "), w))}
	if h > 8 {
		if r.Row.Meaning != "" {
			for _, t := range wrap(r.Row.Meaning, w-6) {
				lines = append(lines, say(plain, "      "+t))
			}
		}
		if r.Document != "" {
			lines = append(lines, say(faint, "      "+cut(r.Document, w-6)))
		}
	}
	return lines
}
