package storetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// MongoDB's wire protocol, as far as a proxy needs it: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/.
const (
	opReply = 1
	opQuery = 2004 // of a client's first greeting only
	opMsg   = 2013

	headerBytes = 16
	// maxMessage is MongoDB's own bound, maxMessageSizeBytes.
	maxMessage = 48_000_000

	// The flags of OP_MSG.
	checksumPresent = 1 << 0
	moreToCome      = 1 << 1
)

// message is a request or a reply: a command's document, and the documents that stand beside it.
type message struct {
	id, to int32
	opcode int32
	flags  uint32
	body   bson.Raw
	name   string // of the documents beside it: "documents", "updates" or "deletes"
	docs   []bson.Raw

	namespace string // of OP_QUERY
}

// lists are the fields of commands that hold their operations.
var lists = map[string]string{"insert": "documents", "update": "updates", "delete": "deletes"}

func readMessage(r io.Reader) (message, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return message{}, err
	}
	n := binary.LittleEndian.Uint32(size[:])
	if n < headerBytes || n > maxMessage {
		return message{}, fmt.Errorf("a message of %d bytes", n)
	}
	b := make([]byte, n-4)
	if _, err := io.ReadFull(r, b); err != nil {
		return message{}, err
	}
	m := message{id: int32At(b, 0), to: int32At(b, 4), opcode: int32At(b, 8)}
	return m, m.parse(b[headerBytes-4:])
}

func int32At(b []byte, i int) int32 { return int32(binary.LittleEndian.Uint32(b[i:])) }

// parse reads what follows the header.
func (m *message) parse(b []byte) error {
	bad := fmt.Errorf("message of opcode %d with %d bytes cannot be read", m.opcode, len(b))
	switch m.opcode {
	case opReply: // responseFlags, cursorID, startingFrom, numberReturned
		if len(b) < 20 {
			return bad
		}
		b = b[20:]
	case opQuery: // flags, namespace, numberToSkip, numberToReturn
		end := bytes.IndexByte(b[min(len(b), 4):], 0)
		if end < 0 || len(b) < 4+end+1+8 {
			return bad
		}
		m.namespace, b = string(b[4:4+end]), b[4+end+1+8:]
	case opMsg:
		return m.sections(b, bad)
	default:
		return bad
	}
	m.body = bson.Raw(b)
	return m.body.Validate()
}

func (m *message) sections(b []byte, bad error) error {
	if len(b) < 4 {
		return bad
	}
	m.flags, b = binary.LittleEndian.Uint32(b), b[4:]
	if m.flags&checksumPresent != 0 {
		if len(b) < 4 {
			return bad
		}
		b = b[:len(b)-4]
		m.flags &^= checksumPresent
	}
	for len(b) > 0 {
		kind := b[0]
		b = b[1:]
		if len(b) < 4 || int(int32At(b, 0)) > len(b) || int32At(b, 0) < 4 {
			return bad
		}
		section := b[:int32At(b, 0)]
		b = b[len(section):]
		switch kind {
		case 0:
			m.body = bson.Raw(section)
		case 1:
			name, docs, ok := bytes.Cut(section[4:], []byte{0})
			if !ok {
				return bad
			}
			m.name = string(name)
			for len(docs) > 0 {
				if len(docs) < 4 || int(int32At(docs, 0)) > len(docs) || int32At(docs, 0) < 5 {
					return bad
				}
				m.docs = append(m.docs, bson.Raw(docs[:int32At(docs, 0)]))
				docs = docs[int32At(docs, 0):]
			}
		default:
			return bad
		}
	}
	return m.body.Validate()
}

// command is what a request asks for.
func (m message) command() Command {
	c := Command{Body: m.body, Ops: m.docs}
	if first, err := m.body.IndexErr(0); err == nil {
		c.Name = first.Key()
		c.Collection, _ = first.Value().StringValueOK()
	}
	if c.Name == "getMore" {
		c.Collection, _ = m.body.Lookup("collection").StringValueOK()
	}
	c.Database, _ = m.body.Lookup("$db").StringValueOK()
	if list := lists[c.Name]; list != "" && len(c.Ops) == 0 {
		// In the command's own document, as drivers may have them. They go on beside it.
		array, _ := m.body.Lookup(list).ArrayOK()
		values, _ := array.Values()
		for _, v := range values {
			c.Ops = append(c.Ops, v.Document())
		}
		c.Body = without(m.body, list)
	}
	return c
}

// without is a document without some of its fields.
func without(doc bson.Raw, fields ...string) bson.Raw {
	d, err := decode(doc)
	if err != nil {
		return doc
	}
	raw, err := bson.Marshal(slices.DeleteFunc(d, func(e bson.E) bool { return slices.Contains(fields, e.Key) }))
	if err != nil {
		return doc
	}
	return raw
}

// with is the request with another command in it.
func (m message) with(c Command) message {
	m.body, m.docs, m.name = c.Body, c.Ops, lists[c.Name]
	return m
}

// reply is an answer to m.
func (m message) reply(answer bson.Raw) message {
	r := message{to: m.id, opcode: opMsg, body: answer}
	if m.opcode == opQuery {
		r.opcode = opReply
	}
	return r
}

func (m message) encode() []byte {
	le := binary.LittleEndian
	b := make([]byte, headerBytes, headerBytes+len(m.body)+64)
	switch m.opcode {
	case opReply:
		b = append(b, make([]byte, 16)...)
		b = le.AppendUint32(b, 1) // one document
	case opQuery:
		b = append(b, 0, 0, 0, 0)
		b = append(append(b, m.namespace...), 0)
		b = le.AppendUint32(b, 0)
		b = le.AppendUint32(b, ^uint32(0)) // one document
	default:
		b = append(le.AppendUint32(b, m.flags), 0)
	}
	b = append(b, m.body...)
	if len(m.docs) > 0 {
		b = append(b, 1)
		size := 4 + len(m.name) + 1
		for _, d := range m.docs {
			size += len(d)
		}
		b = append(append(le.AppendUint32(b, uint32(size)), m.name...), 0)
		for _, d := range m.docs {
			b = append(b, d...)
		}
	}
	for i, n := range []int32{int32(len(b)), m.id, m.to, m.opcode} {
		le.PutUint32(b[4*i:], uint32(n))
	}
	return b
}

// ask sends a request to the server and reads its answer, if it is to give one.
func ask(server io.ReadWriter, m message) (bson.Raw, error) {
	if _, err := server.Write(m.encode()); err != nil {
		return nil, err
	}
	if m.flags&moreToCome != 0 {
		return nil, nil
	}
	r, err := readMessage(server)
	return r.body, err
}

// atHost is a URI of one host with another host in it.
func atHost(uri, other string) string {
	begin := strings.Index(uri, "://") + len("://")
	end := len(uri)
	if i := strings.IndexAny(uri[begin:], "/?"); i >= 0 {
		end = begin + i
	}
	if i := strings.LastIndexByte(uri[begin:end], '@'); i >= 0 {
		begin += i + 1
	}
	return uri[:begin] + other + uri[end:]
}
