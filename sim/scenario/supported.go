package scenario

import "ksim/sim/kafka"

// notRun are the names of the contract that ksim does not run, each with the reason.
// They are checked like all others and then refused, each at its place.
//
// A row is OBJECT.KEY, OBJECT.KEY=VALUE (with the objects of keys.go),
// client=PROFILE, event=TYPE or PROPERTY=VALUE in lower case.
var notRun = map[string]string{
	"expect-lost.member": "records are lost by a group, when nobody has processed them, whoever had them: leave it out",
}

// oldestRun is the oldest version of each client that ksim runs as itself: older
// ones differ in ways that are not modelled yet.
var oldestRun = map[string]kafka.Version{
	"kafkajs":      kafka.V(2, 2, 0),
	"franz-go":     kafka.V(1, 22, 0),
	"sarama":       kafka.V(1, 60, 0),
	"kafka-python": kafka.V(2, 0, 0),
	"aiokafka":     kafka.V(0, 8, 0),
}

// unsupported reports a feature that is in notRun, called what in the message.
func (l *loader) unsupported(p place, feature, what string) bool {
	why, refused := notRun[feature]
	if refused {
		l.errorAt(p, "", "%s is not supported: %s", what, why)
	}
	return refused
}
