package producer

import "hash/crc32"

// murmur2 is org.apache.kafka.common.utils.Utils.murmur2 of a key's bytes.
func murmur2(key string) int32 {
	const m = 0x5bd1e995
	h := 0x9747b28c ^ uint32(len(key))
	for ; len(key) >= 4; key = key[4:] {
		k := uint32(key[0]) | uint32(key[1])<<8 | uint32(key[2])<<16 | uint32(key[3])<<24
		k *= m
		k ^= k >> 24
		k *= m
		h *= m
		h ^= k
	}
	switch len(key) {
	case 3:
		h ^= uint32(key[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(key[1]) << 8
		fallthrough
	case 1:
		h ^= uint32(key[0])
		h *= m
	}
	h ^= h >> 13
	h *= m
	h ^= h >> 15
	return int32(h)
}

// byMurmur2 is the Java client's partition of a key
// (BuiltInPartitioner.partitionForKey): of all partitions, those without a
// leader too.
func byMurmur2(key string, partitions int32) int32 {
	return (murmur2(key) & 0x7fffffff) % partitions
}

// byCRC32 is librdkafka's partition of a key
// (rd_kafka_msg_partitioner_consistent).
func byCRC32(key string, partitions int32) int32 {
	return int32(crc32.ChecksumIEEE([]byte(key)) % uint32(partitions))
}
