package producer

import "testing"

// TestMurmur2 pins the Java client's hash to values that Kafka's own
// Utils.murmur2 gives.
func TestMurmur2(t *testing.T) {
	for key, want := range map[string]int32{
		"": 275646681, "21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536,
		"a-little-bit-longer-string": -1486304829, "abc": 479470107, "0": 971027396, "1": -1993445489,
		"2": 648968168, "user-1": 1404122828, "key-0": 29210041,
	} {
		if got := murmur2(key); got != want {
			t.Errorf("murmur2(%q) = %d, want %d", key, got, want)
		}
	}
}

// TestPlaces pins where the keys of the seeds' example go: what they say of
// user456 is wrong for Java, and other than what librdkafka does; and which keys
// move when three partitions become six.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		key                       string
		java3, java6, librdkafka3 int32
	}{
		{"user123", 0, 3, 1}, {"user456", 2, 5, 0}, {"user789", 2, 2, 0},
	} {
		if a, b, r := byMurmur2(c.key, 3), byMurmur2(c.key, 6), byCRC32(c.key, 3); a != c.java3 || b != c.java6 || r != c.librdkafka3 {
			t.Errorf("%s goes to %d of 3, %d of 6, with librdkafka to %d of 3; want %d, %d, %d", c.key, a, b, r, c.java3, c.java6, c.librdkafka3)
		}
	}
}
