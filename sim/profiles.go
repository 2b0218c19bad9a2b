package sim

import (
	"ksim/sim/client"
	"ksim/sim/client/aiokafka"
	"ksim/sim/client/franzgo"
	"ksim/sim/client/java"
	"ksim/sim/client/javaasync"
	"ksim/sim/client/javashare"
	"ksim/sim/client/kafkago"
	"ksim/sim/client/kafkajs"
	"ksim/sim/client/kafkapython"
	"ksim/sim/client/librdkafka"
	"ksim/sim/client/sarama"
	"ksim/sim/config"
	"ksim/sim/scenario"
)

// consumers make a consumer of each client that ksim runs, by profile.
var consumers = map[string]func(config.Set, client.Options) client.Consumer{
	"java":         newJava,
	"franz-go":     func(c config.Set, o client.Options) client.Consumer { return franzgo.New(c, o) },
	"sarama":       func(c config.Set, o client.Options) client.Consumer { return sarama.New(c, o) },
	"librdkafka":   func(c config.Set, o client.Options) client.Consumer { return librdkafka.New(c, o) },
	"aiokafka":     func(c config.Set, o client.Options) client.Consumer { return aiokafka.New(c, o) },
	"kafka-python": func(c config.Set, o client.Options) client.Consumer { return kafkapython.New(c, o) },
	"kafka-go":     func(c config.Set, o client.Options) client.Consumer { return kafkago.New(c, o) },
	"kafkajs":      func(c config.Set, o client.Options) client.Consumer { return kafkajs.New(c, o) },
}

// newJava makes the Java consumer that group.protocol asks for
// (ConsumerDelegateCreator).
func newJava(c config.Set, o client.Options) client.Consumer {
	if c.String("group.protocol") == "consumer" {
		return javaasync.New(c, o)
	}
	return java.New(c, o)
}

// newConsumer makes the consumer of a process's next incarnation.
func newConsumer(p *process) client.Consumer {
	w, g := p.w, &p.w.groups[p.group]
	var nodes []string
	for b := range w.brokers {
		nodes = append(nodes, w.brokers[b].address())
	}
	o := client.Options{
		Group: g.id, Topics: g.topics, ClientID: p.member.Name, Version: p.member.Client.Version, Nodes: nodes,
		Broker:     w.scenario.Cluster.Version,
		AutoCommit: p.member.App.Commit == scenario.CommitAuto,
	}
	if g.share {
		return javashare.New(p.member.Config, o)
	}
	return consumers[p.member.Client.Profile](p.member.Config, o)
}
