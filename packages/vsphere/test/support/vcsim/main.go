// A vCenter, or with -esx an ESXi host, that is not ours: the simulator of govmomi, until its standard input ends.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"

	_ "github.com/vmware/govmomi/pbm/simulator"
	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
)

func main() {
	esx := flag.Bool("esx", false, "an ESXi host in place of a vCenter")
	model := simulator.VPX()
	flag.IntVar(&model.Pool, "pool", 1, "resource pools in each cluster")
	flag.IntVar(&model.OpaqueNetwork, "nsx", 1, "opaque networks in each datacenter")
	flag.IntVar(&model.App, "app", 1, "vApps in each cluster")
	flag.IntVar(&model.Datacenter, "dc", 1, "datacenters")
	flag.Parse()
	if *esx {
		model = simulator.ESX()
	}
	defer model.Remove()
	if err := model.Create(); err != nil {
		panic(err)
	}
	model.Service.RegisterEndpoints = true // storage policies and the content library
	model.Service.TLS = new(tls.Config)
	model.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword("user", "pass")}
	server := model.Service.NewServer()
	defer server.Close()
	fmt.Println("GOVC_URL=" + server.URL.String())
	_, _ = io.Copy(io.Discard, os.Stdin)
}
