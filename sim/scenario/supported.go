package scenario

// notRun are the names of the contract that ksim does not run, each with the reason.
// They are checked like all others and then refused, each at its place.
//
// A row is OBJECT.KEY, OBJECT.KEY=VALUE (with the objects of keys.go),
// client=PROFILE, event=TYPE or PROPERTY=VALUE in lower case.
var notRun = map[string]string{
	"expect-lost.member": "records are lost by a group, when nobody has processed them, whoever had them: leave it out",
}

// unsupported reports a feature that is in notRun, called what in the message.
func (l *loader) unsupported(p place, feature, what string) bool {
	why, refused := notRun[feature]
	if refused {
		l.errorAt(p, "", "%s is not supported: %s", what, why)
	}
	return refused
}
