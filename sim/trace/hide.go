package trace

// Hide passes on what is shown without --detail, with the causes that are then
// the nearest ones shown, of a stream that has the detail too.
type Hide struct {
	Next  func(e *Event)
	shown []uint64 // by Seq: the event itself, or, of detail, its nearest shown cause
}

// Event takes in the next event.
func (h *Hide) Event(e *Event) {
	for uint64(len(h.shown)) <= e.Seq {
		h.shown = append(h.shown, 0)
	}
	cause := h.shown[e.Cause]
	if e.Type.Detail() {
		h.shown[e.Seq] = cause
		return
	}
	h.shown[e.Seq] = e.Seq
	out := *e
	out.Cause = cause
	h.Next(&out)
}
