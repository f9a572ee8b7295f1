package proctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Certificates are PEM files of one authority: a server's on loopback, and a client's.
type Certificates struct {
	CA, Server, ServerKey, Client, ClientKey string
	ClientBoth                               string // certificate and key in one file, as MongoDB's drivers want it
}

// NewCertificates makes an authority and what it signs, for an hour.
func NewCertificates(t testing.TB) Certificates {
	t.Helper()
	dir := t.TempDir()
	c := Certificates{
		CA: filepath.Join(dir, "ca.pem"), Server: filepath.Join(dir, "server.pem"), ServerKey: filepath.Join(dir, "server-key.pem"),
		Client: filepath.Join(dir, "client.pem"), ClientKey: filepath.Join(dir, "client-key.pem"), ClientBoth: filepath.Join(dir, "client-both.pem"),
	}
	ca := &x509.Certificate{
		Subject: pkix.Name{CommonName: "khabar's tests"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caKey, caPEM, _ := sign(t, ca, ca, nil)
	server := &x509.Certificate{
		Subject: pkix.Name{CommonName: "server"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	_, serverPEM, serverKeyPEM := sign(t, server, ca, caKey)
	client := &x509.Certificate{
		Subject: pkix.Name{CommonName: "client"}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	_, clientPEM, clientKeyPEM := sign(t, client, ca, caKey)
	for path, data := range map[string][]byte{
		c.CA: caPEM, c.Server: serverPEM, c.ServerKey: serverKeyPEM,
		c.Client: clientPEM, c.ClientKey: clientKeyPEM, c.ClientBoth: append(clientPEM[:len(clientPEM):len(clientPEM)], clientKeyPEM...),
	} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// sign makes a key and a certificate for it; without by, one that signs itself.
func sign(t testing.TB, template, parent *x509.Certificate, by *ecdsa.PrivateKey) (key *ecdsa.PrivateKey, certPEM, keyPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if by == nil {
		by = key
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62)); err != nil {
		t.Fatal(err)
	}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}
