package config

import "ksim/sim/kafka"

// Consumer resolves a consumer's configuration. It panics on a profile that has no
// catalogue.
func Consumer(profile string, v kafka.Version, given []Property) (Set, []Problem) {
	c, ok := consumers[profile]
	if !ok {
		panic("config: there is no catalogue of " + profile)
	}
	return c.resolve(v, given)
}

// ShareConsumer resolves the configuration of a Java share consumer (KIP-932), to
// which the rules of group.protocol do not apply.
func ShareConsumer(v kafka.Version, given []Property) (Set, []Problem) {
	return javaShareConsumer.resolve(v, given)
}

// Has tells whether a client version has a property, by whichever of its names.
func Has(profile string, v kafka.Version, name string) bool {
	_, present := consumers[profile].property(v, name)
	return present
}

// Named tells whether two names are those of one consumer property in a version.
func Named(profile string, v kafka.Version, a, b string) bool {
	p, present := consumers[profile].property(v, a)
	q, _ := consumers[profile].property(v, b)
	return present && p == q
}

// Broker resolves the configuration that all brokers share.
func Broker(v kafka.Version, given []Property) (Set, []Problem) { return broker.resolve(v, given) }

// Topic resolves a topic's own configuration.
func Topic(v kafka.Version, given []Property) (Set, []Problem) { return topic.resolve(v, given) }

// GroupSide resolves the configuration that brokers keep for a group (the
// resource type GROUP), for the consumer protocol and share groups. The broker's own
// configuration bounds it.
func GroupSide(v kafka.Version, given []Property, broker Set) (Set, []Problem) {
	return group.resolve(v, given, boundedBy(broker))
}

// consumers by profile.
var consumers = map[string]*catalogue{"java": javaConsumer, "librdkafka": librdkafkaConsumer, "kafka-python": kafkaPythonConsumer, "aiokafka": aiokafkaConsumer, "kafkajs": kafkajsConsumer, "kafka-go": kafkagoConsumer, "sarama": saramaConsumer, "franz-go": franzGoConsumer}

// consumerCatalogues are the same, in the contract's order.
func consumerCatalogues() []*catalogue {
	var all []*catalogue
	for _, name := range Profiles() {
		if c := consumers[name]; c != nil {
			all = append(all, c)
		}
	}
	return all
}
