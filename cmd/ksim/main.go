// Command ksim simulates Kafka consumer groups; see the README.
package main

import "ksim/internal/cli"

func main() { cli.Exit(cli.Main(cli.OS())) }
