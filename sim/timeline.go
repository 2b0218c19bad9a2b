package sim

import (
	"fmt"

	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// act does one action of the timeline.
func (w *World) act(a *scenario.Action) {
	switch a.Kind {
	case scenario.ActStart:
		w.process(a.Member).start()
	case scenario.ActStop:
		w.process(a.Member).stop()
	case scenario.ActCrash:
		w.process(a.Member).crash("")
	case scenario.ActFreeze:
		w.process(a.Member).freeze(w.Now() + a.For)
	case scenario.ActSlow:
		if p := w.process(a.Member); p.alive() {
			p.settle()
			p.app.Slow((*appPort)(p), w.Now(), a.Work)
			p.proceed()
		}
	case scenario.ActAddPartitions:
		w.cluster.SetPartitions(a.Topic, a.Total)
		w.setTopic(a.Topic)
		w.emit(trace.Event{Type: trace.TopicPartitions, What: fmt.Sprintf("%s has %d partitions", a.Topic, a.Total)})
	case scenario.ActIsolate:
		w.process(a.Member).isolate(a.For)
	case scenario.ActFailBroker:
		w.failBroker(a.Broker, a.For)
	case scenario.ActRate:
		w.setRate(a)
	}
}

// setRate changes the rate of a producer.
func (w *World) setRate(a *scenario.Action) {
	for i, p := range w.scenario.Producers {
		if p.Name == a.Producer && p.Queue != "" {
			w.setSendRate(p.Name, a.Rate)
		} else if p.Name == a.Producer {
			w.cluster.SetRate((*brokerPort)(w), w.Now(), w.producer[i], a.Rate.Records, a.Rate.Per)
		}
	}
	w.emit(trace.Event{Type: trace.ProducerRate, What: a.Producer + " writes " + a.Rate.String() + " from now on"})
}

// process is the process of a member; the loader has checked that it exists.
func (w *World) process(name string) *process {
	for i := range w.procs {
		if w.procs[i].member.Name == name {
			return &w.procs[i]
		}
	}
	panic("sim: no member " + name)
}
