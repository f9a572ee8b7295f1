package store

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// check does what the validator on MongoDB does, for servers that have none: an error wraps ErrRefused and names the
// field. It knows the words that this package's schemas use.
func (s *Store) check(c *mongo.Collection, v any) error {
	doc, err := s.toDoc(v)
	if err != nil {
		return err
	}
	return checkValue(s.schemas[c.Name()], doc, "")
}

// checkUpdate checks what an update sets. The fields that must be there are there already.
func (s *Store) checkUpdate(c *mongo.Collection, update bson.D) error {
	if s.caps.Validators {
		return nil
	}
	properties := lookup(s.schemas[c.Name()], "properties").(bson.D)
	for _, op := range update {
		if op.Key != "$set" && op.Key != "$setOnInsert" {
			continue
		}
		for _, e := range op.Value.(bson.D) {
			if schema, ok := lookup(properties, e.Key).(bson.D); ok {
				if err := checkValue(schema, e.Value, e.Key); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func lookup(d bson.D, key string) any {
	for _, e := range d {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

func checkValue(schema bson.D, v any, path string) error {
	if err := checkRules(schema, v, path); err != nil {
		return err
	}
	switch v := v.(type) {
	case bson.D:
		properties, _ := lookup(schema, "properties").(bson.D)
		for _, e := range v {
			if sub, ok := lookup(properties, e.Key).(bson.D); ok {
				if err := checkValue(sub, e.Value, join(path, e.Key)); err != nil {
					return err
				}
			}
		}
	case bson.A:
		items, _ := lookup(schema, "items").(bson.D)
		for i, e := range v {
			if err := checkValue(items, e, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkRules checks a value without what is in it.
func checkRules(schema bson.D, v any, path string) error {
	for _, rule := range schema {
		if problem := broken(rule, v); problem != "" {
			return fmt.Errorf("%w: field %s: %s", ErrRefused, path, problem)
		}
	}
	return nil
}

// mend gives the value without what breaks the schema and need not be there: fields that are not required, and items of
// lists. dropped says what was left out and why. The error is checkValue's, about what must be there.
func mend(schema bson.D, v any, path string) (mended any, dropped []error, err error) {
	switch whole := v.(type) {
	case bson.D:
		properties, _ := lookup(schema, "properties").(bson.D)
		required, _ := lookup(schema, "required").([]string)
		kept := make(bson.D, 0, len(whole))
		for _, e := range whole {
			if sub, ok := lookup(properties, e.Key).(bson.D); ok {
				value, parts, err := mend(sub, e.Value, join(path, e.Key))
				if err != nil && slices.Contains(required, e.Key) {
					return nil, nil, err
				}
				if dropped = append(dropped, parts...); err != nil {
					dropped = append(dropped, err)
					continue
				}
				e.Value = value
			}
			kept = append(kept, e)
		}
		v = kept
	case bson.A:
		items, _ := lookup(schema, "items").(bson.D)
		kept := make(bson.A, 0, len(whole))
		for i, e := range whole {
			value, parts, err := mend(items, e, fmt.Sprintf("%s[%d]", path, i))
			if dropped = append(dropped, parts...); err != nil {
				dropped = append(dropped, err)
				continue
			}
			kept = append(kept, value)
		}
		v = kept
	}
	return v, dropped, checkRules(schema, v, path)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// broken says how v breaks one rule of a schema, or "".
func broken(rule bson.E, v any) string {
	switch rule.Key {
	case "bsonType":
		allowed, many := rule.Value.([]string)
		if !many {
			allowed = []string{rule.Value.(string)}
		}
		if got := bsonType(v); !slices.Contains(allowed, got) && !(slices.Contains(allowed, "number") && isNumber(v)) {
			return fmt.Sprintf("is of type %s, not %v", got, allowed)
		}
	case "required":
		for _, name := range rule.Value.([]string) {
			if lookup(v.(bson.D), name) == nil {
				return fmt.Sprintf("%s is missing", name)
			}
		}
	case "enum":
		if text, ok := v.(string); !ok || !slices.Contains(rule.Value.([]string), text) {
			return fmt.Sprintf("%v is none of %v", v, rule.Value)
		}
	case "minLength":
		if utf8.RuneCountInString(v.(string)) < rule.Value.(int) {
			return "is empty"
		}
	case "maxLength":
		if n := utf8.RuneCountInString(v.(string)); n > rule.Value.(int) {
			return fmt.Sprintf("has %d characters, more than %d", n, rule.Value)
		}
	case "minItems":
		if len(v.(bson.A)) < rule.Value.(int) {
			return "is an empty list"
		}
	case "maxItems":
		if n := len(v.(bson.A)); n > rule.Value.(int) {
			return fmt.Sprintf("has %d items, more than %d", n, rule.Value)
		}
	case "minProperties":
		if len(v.(bson.D)) < rule.Value.(int) {
			return "has no fields"
		}
	case "pattern":
		if !forms[rule.Value.(string)].MatchString(v.(string)) {
			return fmt.Sprintf("%q does not match %s", v, rule.Value)
		}
	case "minimum":
		if number(v) < int64(rule.Value.(int)) {
			return fmt.Sprintf("%v is less than %v", v, rule.Value)
		}
	}
	return ""
}

// bsonType is the alias of v's type, as far as khabar's documents go.
func bsonType(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case int32:
		return "int"
	case int64:
		return "long"
	case float64:
		return "double"
	case bool:
		return "bool"
	case bson.DateTime:
		return "date"
	case bson.D:
		return "object"
	case bson.A:
		return "array"
	case nil:
		return "null"
	}
	return fmt.Sprintf("%T", v)
}

func isNumber(v any) bool {
	switch v.(type) {
	case int32, int64, float64:
		return true
	}
	return false
}

func number(v any) int64 {
	switch v := v.(type) {
	case int32:
		return int64(v)
	case int64:
		return v
	}
	return 0
}
