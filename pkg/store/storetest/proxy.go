package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/address"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
)

// ProxyConfig says what a proxy stands before.
type ProxyConfig struct {
	// Server is the URI of one server that is spoken to without TLS. Its user and options are the proxy's too.
	Server string
	// MongoDB passes a FerretDB 1.x off as a MongoDB replica set of one member (see disguise).
	MongoDB bool
}

// Proxy stands between clients and a server that speaks MongoDB's wire protocol, and has go wrong what a test injects.
// It passes everything else on, one command of a connection at a time, and never compressed.
//
// Each client's connection has a goroutine and a connection to the server of its own; Close ends them all and waits.
type Proxy struct {
	// URI is the address for clients: the server's, with the proxy's host in it.
	URI string

	addr   string // the proxy's own
	server address.Address
	mask   *disguise

	listener net.Listener
	running  sync.WaitGroup

	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]bool // both sides of all connections
	faults []*Injection
}

// StartProxy starts a proxy on a free loopback port.
func StartProxy(cfg ProxyConfig) (*Proxy, error) {
	cs, err := connstring.ParseAndValidate(cfg.Server)
	if err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	if cs.Scheme != connstring.SchemeMongoDB || cs.SSL || len(cs.Hosts) != 1 {
		return nil, errors.New("start proxy: the server must be a single host, named in a mongodb:// URI, without TLS")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	p := &Proxy{addr: l.Addr().String(), server: address.Address(cs.Hosts[0]), listener: l, conns: make(map[net.Conn]bool)}
	p.URI = atHost(cfg.Server, p.addr)
	if cfg.MongoDB {
		p.mask = newDisguise(p.addr)
	}
	p.running.Go(p.accept)
	return p, nil
}

// Close ends the proxy and its connections. Twice is harmless.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	_ = p.listener.Close()
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
}

// Fault is something that goes wrong, or is only counted where nothing is said to. The first group of fields says with
// which commands, all of them where a field is empty; the second what.
type Fault struct {
	Commands   []string                      // their names, as "update"; empty means those that name a collection
	Collection string                        // that they are about
	When       func(Command) bool            // a further condition
	Op         func(i int, op bson.Raw) bool // which operations of a write, by index, document to insert or statement; nil: the command as a whole
	Skip       int                           // so many that match (commands, or operations where Op is set) are spared first
	Times      int                           // then so many are not; 0 means until Lift

	Error        *Error // is the answer, or the operation's part of it
	WriteConcern *Error // stands in the answer beside what was done
	Answer       bson.D // is the answer
	Hang         bool   // there is no answer, until Lift ends the connection
	Cut          bool   // the connection ends
	Executed     bool   // the server does the command all the same before Error, Answer, Hang or Cut
}

// Error is an error as a server tells it.
type Error struct {
	Code    int32
	Name    string // of the code; left out of what is told of an operation, as MongoDB does
	Message string
	Labels  []string // of the whole answer
	Info    bson.D   // errInfo, or further fields of an operation's error
}

// Command is what a client asks for.
type Command struct {
	Name, Database, Collection string
	Body                       bson.Raw   // without Ops
	Ops                        []bson.Raw // of insert, update and delete
}

// OpID is the _id of what an operation writes, as a string; "" where it is none.
func OpID(op bson.Raw) string {
	id, err := op.LookupErr("q", "_id")
	if err != nil {
		id = op.Lookup("_id")
	}
	s, _ := id.StringValueOK()
	return s
}

// Injection is a fault at work.
type Injection struct {
	fault Fault
	proxy *Proxy
	hit   chan struct{} // closed at the first match that was not spared

	// Guarded by the proxy's mutex.
	seen   int        // matches
	hung   []net.Conn // clients without an answer
	lifted bool
}

// Inject has f happen from now on. Of several faults that match a command, the first that was injected happens.
func (p *Proxy) Inject(f Fault) *Injection {
	i := &Injection{fault: f, proxy: p, hit: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, i)
	return i
}

// Lift ends the fault. Clients that wait for an answer have their connections ended. Twice is harmless.
func (i *Injection) Lift() {
	i.proxy.mu.Lock()
	defer i.proxy.mu.Unlock()
	i.proxy.faults = slices.DeleteFunc(i.proxy.faults, func(j *Injection) bool { return i == j })
	i.lifted = true
	for _, c := range i.hung {
		_ = c.Close()
	}
	i.hung = nil
}

// hold gives a client no answer, until it hangs up, or Lift or Close does.
func (i *Injection) hold(client net.Conn) {
	i.proxy.mu.Lock()
	if i.lifted {
		_ = client.Close()
	}
	i.hung = append(i.hung, client)
	i.proxy.mu.Unlock()
	_, _ = io.Copy(io.Discard, client)
}

// Count is how often the fault happened.
func (i *Injection) Count() int {
	i.proxy.mu.Lock()
	defer i.proxy.mu.Unlock()
	n := max(i.seen-i.fault.Skip, 0)
	if i.fault.Times > 0 {
		n = min(n, i.fault.Times)
	}
	return n
}

// Hit is closed when the fault has happened once.
func (i *Injection) Hit() <-chan struct{} { return i.hit }

// matches is true for the commands that the fault is about.
func (f Fault) matches(c Command) bool {
	if len(f.Commands) == 0 && c.Collection == "" || len(f.Commands) > 0 && !slices.Contains(f.Commands, c.Name) {
		return false
	}
	return (f.Collection == "" || f.Collection == c.Collection) && (f.When == nil || f.When(c))
}

// count counts a match, and says whether the fault happens to it.
func (i *Injection) count() bool {
	i.seen++
	n := i.seen - i.fault.Skip
	if n == 1 {
		close(i.hit)
	}
	return n > 0 && (i.fault.Times == 0 || n <= i.fault.Times)
}

// faultOf is what happens to a command as a whole; an empty one where nothing does.
func (p *Proxy) faultOf(c Command) *Injection {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, i := range p.faults {
		if i.fault.Op == nil && i.fault.matches(c) && i.count() {
			return i
		}
	}
	return &Injection{}
}

// failing is what happens to a command's operations, by their index.
func (p *Proxy) failing(c Command) map[int]*Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	errs := make(map[int]*Error)
	for n, op := range c.Ops {
		for _, i := range p.faults {
			if i.fault.Op != nil && i.fault.matches(c) && i.fault.Op(n, op) && i.count() {
				errs[n] = i.fault.Error
				break
			}
		}
	}
	return errs
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.running.Go(func() { p.serve(client) })
	}
}

// keep has Close end a connection; false where the proxy is closed already.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
	return !p.closed
}

func (p *Proxy) end(c net.Conn) {
	p.mu.Lock()
	delete(p.conns, c)
	p.mu.Unlock()
	_ = c.Close()
}

// serve passes one client's commands on until either side ends, or a fault does.
func (p *Proxy) serve(client net.Conn) {
	defer p.end(client)
	if !p.keep(client) {
		return
	}
	server, err := net.Dial(p.server.Network(), p.server.String())
	if err != nil {
		return // the client sees its connection end, as it would without the proxy
	}
	defer p.end(server)
	if !p.keep(server) {
		return
	}
	for {
		m, err := readMessage(client)
		if err != nil {
			return
		}
		answer, err := p.answer(m.command(), func(c Command) (bson.Raw, error) { return ask(server, m.with(c)) })
		var hanging hang
		switch {
		case errors.As(err, &hanging):
			hanging.Injection.hold(client)
			return
		case err != nil:
			return
		case m.flags&moreToCome != 0:
			continue // the client wants no answer
		}
		if _, err := client.Write(m.reply(answer).encode()); err != nil {
			return
		}
	}
}

// errCut and hang end a connection as a fault asks for: at once, or when the fault is lifted.
var errCut = errors.New("cut")

type hang struct{ *Injection }

func (hang) Error() string { return "hang" }

// answer has a command done, or go wrong.
func (p *Proxy) answer(c Command, ask func(Command) (bson.Raw, error)) (bson.Raw, error) {
	i := p.faultOf(c)
	f := i.fault
	if f.instead() && !f.Executed {
		return i.answer()
	}
	answer, err := p.execute(c, ask)
	if err != nil {
		return nil, err
	}
	if f.instead() {
		return i.answer()
	}
	if f.WriteConcern != nil {
		doc, err := decode(answer)
		if err != nil {
			return nil, err
		}
		return bson.Marshal(append(doc, f.WriteConcern.asWriteConcern()...))
	}
	return answer, nil
}

// instead is true for faults after which there is no answer of the server's.
func (f Fault) instead() bool { return f.Error != nil || f.Answer != nil || f.Hang || f.Cut }

func (i *Injection) answer() (bson.Raw, error) {
	switch f := i.fault; {
	case f.Hang:
		return nil, hang{i}
	case f.Cut:
		return nil, errCut
	case f.Error != nil:
		return bson.Marshal(f.Error.asAnswer())
	}
	return bson.Marshal(i.fault.Answer)
}

// execute has the server do the operations of a command that no fault is about, and tells of the others.
func (p *Proxy) execute(c Command, ask func(Command) (bson.Raw, error)) (bson.Raw, error) {
	pass := ask
	if p.mask != nil {
		pass = func(c Command) (bson.Raw, error) { return p.mask.ask(c, ask) }
	}
	errs := p.failing(c)
	if len(errs) == 0 {
		answer, err := pass(c)
		if err != nil {
			return nil, err
		}
		return p.introduce(c, answer)
	}
	var rest []bson.Raw
	var whose []int32 // the place in c.Ops of each of rest
	ordered := isOrdered(c)
	for i, op := range c.Ops {
		if errs[i] == nil {
			rest, whose = append(rest, op), append(whose, int32(i))
		} else if ordered {
			errs = map[int]*Error{i: errs[i]} // the first ends the command
			break
		}
	}
	doc := bson.D{{Key: "n", Value: int32(0)}, {Key: "nModified", Value: int32(0)}, {Key: "ok", Value: 1.0}}
	if len(rest) > 0 {
		part := c
		part.Ops = rest
		part.Body = without(c.Body, "txnNumber") // the disguise must not take it for all of the command when that is retried
		answer, err := pass(part)
		if err != nil {
			return nil, err
		}
		if doc, err = decode(answer); err != nil {
			return nil, err
		}
	}
	return bson.Marshal(merged(doc, whose, errs))
}

func isOrdered(c Command) bool {
	ordered, ok := c.Body.Lookup("ordered").BooleanOK()
	return ordered || !ok
}

// merged puts the operations that were kept from the server into its answer about the others.
func merged(answer bson.D, whose []int32, errs map[int]*Error) bson.D {
	var all bson.A
	for i, e := range answer {
		list, ok := e.Value.(bson.A)
		if e.Key != "upserted" && e.Key != "writeErrors" || !ok {
			continue
		}
		for _, item := range list {
			for k, f := range item.(bson.D) {
				if n, ok := f.Value.(int32); ok && f.Key == "index" {
					item.(bson.D)[k].Value = whose[n]
				}
			}
		}
		if e.Key == "writeErrors" {
			all = list
			answer = slices.Delete(answer, i, i+1)
			break // it is the last of the two
		}
	}
	var labels bson.A
	for i, err := range errs {
		all = append(all, err.asWriteError(i))
		for _, l := range err.Labels {
			labels = append(labels, l)
		}
	}
	index := func(e any) int32 { n, _ := e.(bson.D)[0].Value.(int32); return n }
	slices.SortFunc(all, func(a, b any) int { return cmp.Compare(index(a), index(b)) })
	if len(labels) > 0 {
		answer = append(answer, bson.E{Key: "errorLabels", Value: labels})
	}
	return append(answer, bson.E{Key: "writeErrors", Value: all})
}

func (e *Error) asAnswer() bson.D {
	d := bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: e.Message}, {Key: "code", Value: e.Code}, {Key: "codeName", Value: e.Name}}
	if len(e.Labels) > 0 {
		d = append(d, bson.E{Key: "errorLabels", Value: e.Labels})
	}
	return append(d, e.Info...)
}

func (e *Error) asWriteError(index int) bson.D {
	return append(bson.D{{Key: "index", Value: int32(index)}, {Key: "code", Value: e.Code}, {Key: "errmsg", Value: e.Message}}, e.Info...)
}

// asWriteConcern is what the answer to a write has beside the rest.
func (e *Error) asWriteConcern() bson.D {
	d := bson.D{{Key: "writeConcernError", Value: bson.D{
		{Key: "code", Value: e.Code}, {Key: "codeName", Value: e.Name}, {Key: "errmsg", Value: e.Message},
	}}}
	if len(e.Labels) > 0 {
		d = append(d, bson.E{Key: "errorLabels", Value: e.Labels})
	}
	return d
}

// introduce keeps a replica set's answer to a greeting from leading clients past the proxy, and keeps off what the
// proxy does not speak: compression, and answers that come without being asked for (by topologyVersion).
func (p *Proxy) introduce(c Command, answer bson.Raw) (bson.Raw, error) {
	if !isGreeting(c) {
		return answer, nil
	}
	doc, err := decode(answer)
	if err != nil {
		return nil, err
	}
	doc = slices.DeleteFunc(doc, func(e bson.E) bool { return e.Key == "compression" || e.Key == "topologyVersion" })
	for i, e := range doc {
		switch e.Key {
		case "hosts":
			doc[i].Value = bson.A{p.addr}
		case "me", "primary":
			doc[i].Value = p.addr
		}
	}
	return bson.Marshal(doc)
}

func isGreeting(c Command) bool {
	return c.Name == "hello" || c.Name == "isMaster" || c.Name == "ismaster"
}

func decode(raw bson.Raw) (bson.D, error) {
	var d bson.D
	err := bson.Unmarshal(raw, &d)
	return d, err
}
