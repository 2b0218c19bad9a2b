package broker

import (
	"cmp"
	"slices"
)

// listing is what a broker's metadata says of a partition.
type listing struct {
	leader, epoch  int32
	replicas, isrs []int32
}

// listed is the partitions of a topic in the order in which brokers list them in
// their metadata: KRaftMetadataCache.getPartitionMetadata puts the entries into a
// mutable HashSet of Scala and hands out its order, which 4.1 brokers show. Clients
// that deal partitions out as they come, kafka-go and kafkajs, decide by it.
func listed(partitions []listing) []int32 {
	type place struct{ bucket, hash, partition int32 }
	table := int32(16) // HashSet.defaultInitialCapacity
	for int32(len(partitions)) >= table/4*3 {
		table *= 2
	}
	places := make([]place, len(partitions))
	for p := range partitions {
		h := partitions[p].hashCode(int32(p))
		h ^= int32(uint32(h) >> 16) // HashSet.improveHash
		places[p] = place{h & (table - 1), h, int32(p)}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.bucket, b.bucket), cmp.Compare(a.hash, b.hash), cmp.Compare(a.partition, b.partition))
	})
	order := make([]int32, len(places))
	for i := range places {
		order[i] = places[i].partition
	}
	return order
}

// hashCode is that of MetadataResponsePartition, which goes over its fields: an
// error code of 0 first, no offline replicas last.
func (l *listing) hashCode(partition int32) int32 {
	h := partition
	for _, field := range []int32{l.leader, l.epoch, listHash(l.replicas), listHash(l.isrs), listHash(nil)} {
		h = 31*h + field
	}
	return h
}

// listHash is the hashCode of a java.util.List of integers.
func listHash(numbers []int32) int32 {
	h := int32(1)
	for _, n := range numbers {
		h = 31*h + n
	}
	return h
}
