package storetest

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// disguise passes a FerretDB 1.x off as a MongoDB replica set of one member. What MongoDB does and FerretDB does not is
// done here:
//
//   - an operation is atomic, for one write is done at a time, and an error of one is its own and not the command's;
//   - a retried write, which has the number of the first attempt, is not done twice but answered as that was;
//   - validators and indexes are kept and listed. They have no effect: have a Fault refuse what a validator would.
//
// It cannot do what FerretDB has no commands for, as transactions and change streams.
type disguise struct {
	addr string

	writing sync.Mutex

	mu      sync.Mutex
	done    map[string]retryable // by session
	options map[string]bson.D    // of collections, by namespace
	indexes map[string][]bson.D  // the same
}

// retryable is the last write of a session, and how it was answered.
type retryable struct {
	number int64
	answer bson.Raw
}

// maxSessions bounds what is remembered of retryable writes; a client has as many sessions as it does things at once.
const maxSessions = 1000

func newDisguise(addr string) *disguise {
	return &disguise{addr: addr, done: map[string]retryable{}, options: map[string]bson.D{}, indexes: map[string][]bson.D{}}
}

// ask answers a command as MongoDB would, with what the server can do.
func (d *disguise) ask(c Command, ask func(Command) (bson.Raw, error)) (bson.Raw, error) {
	namespace := c.Database + "." + c.Collection
	switch c.Name {
	case "hello", "isMaster", "ismaster":
		return change(ask, c, d.greet)
	case "buildInfo":
		return change(ask, c, func(answer bson.D) bson.D {
			return slices.DeleteFunc(answer, func(e bson.E) bool { return strings.HasPrefix(e.Key, "ferretdb") })
		})
	case "insert", "update", "delete", "findAndModify":
		return d.write(c, ask)
	case "create":
		plain := c
		plain.Body = without(c.Body, "validator", "validationLevel", "validationAction")
		answer, err := ask(plain)
		if err == nil && isOK(answer) {
			d.setOptions(namespace, c.Body)
		}
		return answer, err
	case "collMod":
		d.setOptions(namespace, c.Body)
		return bson.Marshal(bson.D{{Key: "ok", Value: 1.0}})
	case "listCollections":
		return change(ask, c, func(answer bson.D) bson.D { return d.addOptions(c.Database, answer) })
	case "createIndexes":
		return d.createIndexes(namespace, c)
	case "listIndexes":
		return change(ask, c, func(answer bson.D) bson.D { return d.listIndexes(namespace, answer) })
	case "dropDatabase":
		d.forget(c.Database)
	case "drop":
		d.forget(namespace)
	}
	return ask(c)
}

// change has the server's answer, where it is none of an error, changed.
func change(ask func(Command) (bson.Raw, error), c Command, f func(bson.D) bson.D) (bson.Raw, error) {
	answer, err := ask(c)
	if err != nil || !isOK(answer) {
		return answer, err
	}
	doc, err := decode(answer)
	if err != nil {
		return nil, err
	}
	return bson.Marshal(f(doc))
}

func isOK(answer bson.Raw) bool {
	ok, _ := answer.Lookup("ok").AsInt64OK()
	return ok == 1
}

func (d *disguise) greet(answer bson.D) bson.D {
	return append(answer,
		bson.E{Key: "setName", Value: "khabar-test"}, bson.E{Key: "setVersion", Value: int32(1)}, bson.E{Key: "secondary", Value: false},
		bson.E{Key: "hosts", Value: bson.A{d.addr}}, bson.E{Key: "me", Value: d.addr}, bson.E{Key: "primary", Value: d.addr})
}

// write does a write once, however often it is retried.
func (d *disguise) write(c Command, ask func(Command) (bson.Raw, error)) (bson.Raw, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	session := c.Body.Lookup("lsid", "id").String()
	number, isRetryable := c.Body.Lookup("txnNumber").AsInt64OK()
	if last, ok := d.done[session]; isRetryable && ok && last.number == number {
		return last.answer, nil
	}
	answer, err := d.writeOnce(c, ask)
	if err != nil || !isRetryable || !isOK(answer) {
		return answer, err
	}
	if len(d.done) >= maxSessions {
		clear(d.done)
	}
	d.done[session] = retryable{number, answer}
	return answer, nil
}

// writeOnce does an update's statements one by one: FerretDB fails the command for one of them, counts wrongly which of
// them upserted, and keeps what each of them read open until the command ends.
func (d *disguise) writeOnce(c Command, ask func(Command) (bson.Raw, error)) (bson.Raw, error) {
	if c.Name != "update" {
		return ask(c)
	}
	var n, modified int32
	var upserted, errs bson.A
	for i, op := range c.Ops {
		one := c
		one.Ops = []bson.Raw{op}
		answer, err := ask(one)
		if err != nil {
			return nil, err
		}
		if failed := writeError(answer); failed != nil {
			errs = append(errs, failed.asWriteError(i))
			if isOrdered(c) {
				break
			}
			continue
		}
		n += answer.Lookup("n").Int32()
		modified += answer.Lookup("nModified").Int32()
		if id, err := answer.LookupErr("upserted", "0", "_id"); err == nil {
			upserted = append(upserted, bson.D{{Key: "index", Value: int32(i)}, {Key: "_id", Value: id}})
		}
	}
	answer := bson.D{{Key: "n", Value: n}, {Key: "nModified", Value: modified}, {Key: "ok", Value: 1.0}}
	if len(upserted) > 0 {
		answer = append(answer, bson.E{Key: "upserted", Value: upserted})
	}
	if len(errs) > 0 {
		answer = append(answer, bson.E{Key: "writeErrors", Value: errs})
	}
	return bson.Marshal(answer)
}

// writeError is the error in an answer about one operation, or nil.
func writeError(answer bson.Raw) *Error {
	doc := answer
	if first, err := answer.LookupErr("writeErrors", "0"); err == nil {
		doc = first.Document()
	} else if isOK(answer) {
		return nil
	}
	message, _ := doc.Lookup("errmsg").StringValueOK()
	code, _ := doc.Lookup("code").AsInt64OK()
	return &Error{Code: int32(code), Message: message}
}

// setOptions keeps what a command says of a collection's validator.
func (d *disguise) setOptions(namespace string, command bson.Raw) {
	d.mu.Lock()
	defer d.mu.Unlock()
	options := d.options[namespace]
	for _, name := range []string{"validator", "validationLevel", "validationAction"} {
		if v, err := command.LookupErr(name); err == nil {
			options = slices.DeleteFunc(options, func(e bson.E) bool { return e.Key == name })
			options = append(options, bson.E{Key: name, Value: v})
		}
	}
	d.options[namespace] = options
}

// addOptions adds the options of a database's collections to their list.
func (d *disguise) addOptions(database string, answer bson.D) bson.D {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range batchOf(answer) {
		c, ok := c.(bson.D)
		if !ok {
			continue
		}
		for i, e := range c {
			name, _ := c[0].Value.(string)
			if options := d.options[database+"."+name]; e.Key == "options" && c[0].Key == "name" && options != nil {
				c[i].Value = options
			}
		}
	}
	return answer
}

// batchOf is what a cursor's first answer holds.
func batchOf(answer bson.D) bson.A {
	for _, e := range answer {
		if cursor, ok := e.Value.(bson.D); ok && e.Key == "cursor" {
			for _, e := range cursor {
				if batch, ok := e.Value.(bson.A); ok && e.Key == "firstBatch" {
					return batch
				}
			}
		}
	}
	return nil
}

func (d *disguise) createIndexes(namespace string, c Command) (bson.Raw, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := len(d.indexes[namespace]) + 1 // and that on _id
	array, _ := c.Body.Lookup("indexes").ArrayOK()
	values, err := array.Values()
	if err != nil {
		return nil, err
	}
	for _, v := range values {
		index, err := decode(v.Document())
		if err != nil {
			return nil, err
		}
		named := func(d bson.D) any {
			return d[slices.IndexFunc(d, func(e bson.E) bool { return e.Key == "name" })].Value
		}
		if !slices.ContainsFunc(d.indexes[namespace], func(i bson.D) bool { return named(i) == named(index) }) {
			d.indexes[namespace] = append(d.indexes[namespace], append(bson.D{{Key: "v", Value: int32(2)}}, index...))
		}
	}
	return bson.Marshal(bson.D{{Key: "numIndexesBefore", Value: int32(before)},
		{Key: "numIndexesAfter", Value: int32(len(d.indexes[namespace]) + 1)}, {Key: "ok", Value: 1.0}})
}

func (d *disguise) listIndexes(namespace string, answer bson.D) bson.D {
	d.mu.Lock()
	defer d.mu.Unlock()
	batch := bson.A{bson.D{{Key: "v", Value: int32(2)}, {Key: "key", Value: bson.D{{Key: "_id", Value: int32(1)}}}, {Key: "name", Value: "_id_"}}}
	for _, i := range d.indexes[namespace] {
		batch = append(batch, i)
	}
	return bson.D{{Key: "cursor", Value: bson.D{{Key: "id", Value: int64(0)}, {Key: "ns", Value: namespace}, {Key: "firstBatch", Value: batch}}},
		{Key: "ok", Value: 1.0}}
}

// forget drops what is kept of a database or a collection.
func (d *disguise) forget(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	of := func(ns string) bool { return ns == name || strings.HasPrefix(ns, name+".") }
	maps.DeleteFunc(d.options, func(ns string, _ bson.D) bool { return of(ns) })
	maps.DeleteFunc(d.indexes, func(ns string, _ []bson.D) bool { return of(ns) })
}
