package trace

// Hide passes on what is shown without --detail, with the causes that are then
// the nearest ones shown, of a stream that has the detail too.
type Hide struct {
	Next  func(e *Event)
	Hides func(t Type) bool // which types; nil: those of detail
	shown []uint64          // by Seq: the event itself, or, of detail, its nearest shown cause
}

// Event takes in the next event.
func (h *Hide) Event(e *Event) {
	for uint64(len(h.shown)) <= e.Seq {
		h.shown = append(h.shown, 0)
	}
	cause := h.shown[e.Cause]
	if h.hides(e.Type) {
		h.shown[e.Seq] = cause
		return
	}
	h.shown[e.Seq] = e.Seq
	out := *e
	out.Cause = cause
	h.Next(&out)
}

func (h *Hide) hides(t Type) bool {
	if h.Hides == nil {
		return t.Detail()
	}
	return h.Hides(t)
}
