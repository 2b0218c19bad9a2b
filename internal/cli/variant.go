package cli

import (
	"github.com/spf13/pflag"

	"ksim/internal/suite"
	"ksim/sim/scenario"
)

// variant is what --seed and --set make of a scenario.
type variant struct {
	seed  uint64
	set   []string
	flags *pflag.FlagSet // knows whether --seed is given
}

// add declares the flags; example follows PATH=VALUE in the help.
func (v *variant) add(flags *pflag.FlagSet, example string) {
	v.flags = flags
	flags.Uint64Var(&v.seed, "seed", 0, "seed of every random draw (default: the scenario's)")
	flags.StringArrayVar(&v.set, "set", nil, "set a key, `PATH=VALUE`"+example+"; may be repeated")
}

// load reads and checks a scenario with the changes made, and writes to standard error
// what is wrong with it or odd.
func (v *variant) load(e *Env, arg string) (src suite.Source, s *scenario.Scenario, err error) {
	if src, err = e.files().Read(arg); err != nil {
		return src, nil, err
	}
	if s, err = checked(&src, v.set, e.Stderr); err != nil {
		return src, nil, err
	}
	if v.flags.Changed("seed") {
		s.Seed = v.seed
	}
	return src, s, nil
}

// arguments is what must follow `ksim run FILE` to repeat a run.
func (v *variant) arguments() string {
	var seed *uint64
	if v.flags.Changed("seed") {
		seed = &v.seed
	}
	return suite.Arguments(seed, v.set)
}
