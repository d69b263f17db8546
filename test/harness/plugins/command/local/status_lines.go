package local

import (
	"bytes"
	"errors"
	"strings"
	"sync"
)

// longestLine is what the official plugin's line scanner takes (bufio.MaxScanTokenSize).
const longestLine = 64 * 1024

// The official plugin hangs for ever on such a line; a loud failure finds the mistake sooner.
var errLineTooLong = errors.New("a shown line of output is longer than 64 KiB, on which the official command plugin hangs")

// statusLines passes output on line by line. Both streams of a process write to it.
type statusLines struct {
	show   func(line string)
	refuse func(cause error)

	mutex   sync.Mutex
	pending bytes.Buffer
}

func (s *statusLines) Write(data []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.pending.Write(data)
	for {
		end := bytes.IndexByte(s.pending.Bytes(), '\n')
		if end < 0 {
			break
		}
		line := s.pending.Next(end + 1)
		if len(line) > longestLine {
			s.refuse(errLineTooLong)
			return len(data), nil
		}
		s.show(strings.TrimSuffix(string(line[:end]), "\r"))
	}
	if s.pending.Len() >= longestLine {
		s.refuse(errLineTooLong)
	}
	return len(data), nil
}

// flush shows an unfinished last line.
func (s *statusLines) flush() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.pending.Len() > 0 && s.pending.Len() < longestLine {
		s.show(s.pending.String())
	}
}
