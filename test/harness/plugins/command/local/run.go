package local

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
)

// run executes one command line and, only if it succeeds, takes over what it printed.
func (o *Outputs) run(ctx context.Context, line string) error {
	// Killing the process is how an output line the official plugin cannot take ends here.
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	argv := append(o.interpreter(), line)
	process := exec.CommandContext(ctx, argv[0], argv[1:]...)
	process.Env = o.processEnvironment()
	if o.Dir != nil {
		process.Dir = *o.Dir
	}
	if o.Stdin != nil && *o.Stdin != "" {
		process.Stdin = strings.NewReader(*o.Stdin)
	}

	var stdout, stderr, both bytes.Buffer
	shown := &statusLines{show: p.GetLogger(ctx).InfoStatus, refuse: stop}
	together := &serialWriter{to: &both}
	process.Stdout = stream(&stdout, together, o.Logging.shows(logStdout), shown)
	process.Stderr = stream(&stderr, together, o.Logging.shows(logStderr), shown)

	err := process.Run()
	shown.flush()
	if refused := context.Cause(ctx); refused == errLineTooLong {
		err = refused
	}
	if err != nil {
		return fmt.Errorf("%w: running %q:\n%s", err, line, both.String())
	}
	o.Stdout = strings.TrimSuffix(stdout.String(), "\n")
	o.Stderr = strings.TrimSuffix(stderr.String(), "\n")
	return nil
}

func (i *Inputs) interpreter() []string {
	if i.Interpreter != nil && len(*i.Interpreter) > 0 {
		return append([]string{}, *i.Interpreter...)
	}
	if runtime.GOOS == "windows" {
		return []string{"cmd", "/C"}
	}
	return []string{"/bin/sh", "-c"}
}

// processEnvironment is the engine's whole environment, then the resource's, then what the previous run printed. Empty
// previous output is left out.
func (o *Outputs) processEnvironment() []string {
	environment := os.Environ()
	if o.Environment != nil {
		for name, value := range *o.Environment {
			environment = append(environment, name+"="+value)
		}
	}
	if o.AddPreviousOutputInEnv != nil && !*o.AddPreviousOutputInEnv {
		return environment
	}
	if o.Stdout != "" {
		environment = append(environment, "PULUMI_COMMAND_STDOUT="+o.Stdout)
	}
	if o.Stderr != "" {
		environment = append(environment, "PULUMI_COMMAND_STDERR="+o.Stderr)
	}
	return environment
}

func stream(own, together io.Writer, shows bool, shown io.Writer) io.Writer {
	if shows {
		return io.MultiWriter(own, together, shown)
	}
	return io.MultiWriter(own, together)
}

// serialWriter lets two streams share one buffer.
type serialWriter struct {
	mutex sync.Mutex
	to    io.Writer
}

func (w *serialWriter) Write(data []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.to.Write(data)
}
