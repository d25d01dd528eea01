// A client that is not ours, on govmomi's packages for leases: what it imports and lists, it does by its own reading of vSphere.
//
//	govmomi-client import -pool PATH -datastore PATH -folder PATH -name NAME FILE.ova
//	govmomi-client list [PATH]
//
// GOVC_URL has the server with user and password, whose certificate is not checked. Says what it made or found as JSON.
package main

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/nfc"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/ovf"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("import or list?")
	}
	u, err := soap.ParseURL(os.Getenv("GOVC_URL"))
	if err != nil {
		return err
	}
	client, err := govmomi.NewClient(ctx, u, true)
	if err != nil {
		return err
	}
	defer client.Logout(ctx)
	switch args[0] {
	case "import":
		return importOva(ctx, client.Client, args[1:])
	case "list":
		return list(ctx, client.Client, args[1:])
	}
	return fmt.Errorf("unknown: %s", args[0])
}

// member opens a member of an archive, read from its beginning; whoever opens it closes it.
func member(archive string, isIt func(name string) bool) (io.ReadCloser, *tar.Header, error) {
	file, err := os.Open(archive)
	if err != nil {
		return nil, nil, err
	}
	reader := tar.NewReader(file)
	for {
		header, err := reader.Next()
		if err != nil {
			file.Close()
			return nil, nil, fmt.Errorf("%s: %w", archive, err)
		}
		if isIt(header.Name) {
			return struct {
				io.Reader
				io.Closer
			}{reader, file}, header, nil
		}
	}
}

func importOva(ctx context.Context, client *vim25.Client, args []string) error {
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	poolPath := flags.String("pool", "", "resource pool")
	datastorePath := flags.String("datastore", "", "datastore")
	folderPath := flags.String("folder", "", "folder of machines")
	name := flags.String("name", "", "of the machine")
	if err := flags.Parse(args); err != nil {
		return err
	}
	finder := find.NewFinder(client)
	pool, err := finder.ResourcePool(ctx, *poolPath)
	if err != nil {
		return err
	}
	datastore, err := finder.Datastore(ctx, *datastorePath)
	if err != nil {
		return err
	}
	folder, err := finder.Folder(ctx, *folderPath)
	if err != nil {
		return err
	}
	archive := flags.Arg(0)
	descriptor, _, err := member(archive, func(name string) bool { return path.Ext(name) == ".ovf" })
	if err != nil {
		return err
	}
	defer descriptor.Close()
	text, err := io.ReadAll(descriptor)
	if err != nil {
		return err
	}
	params := types.OvfCreateImportSpecParams{EntityName: *name}
	if params.NetworkMapping, err = networks(ctx, finder, string(text)); err != nil {
		return err
	}
	spec, err := ovf.NewManager(client).CreateImportSpec(ctx, string(text), pool, datastore, params)
	if err != nil {
		return err
	}
	if len(spec.Error) > 0 {
		return errors.New(spec.Error[0].LocalizedMessage)
	}
	lease, err := pool.ImportVApp(ctx, spec.ImportSpec, folder, nil)
	if err != nil {
		return err
	}
	info, err := lease.Wait(ctx, spec.FileItem)
	if err != nil {
		return err
	}
	if err := fill(ctx, archive, lease, info); err != nil {
		_ = lease.Abort(ctx, nil)
		return err
	}
	return say(info.Entity)
}

// networks maps each network of a descriptor to the one of its name, where there is one.
func networks(ctx context.Context, finder *find.Finder, descriptor string) ([]types.OvfNetworkMapping, error) {
	envelope, err := ovf.Unmarshal(strings.NewReader(descriptor))
	if err != nil || envelope.Network == nil {
		return nil, err
	}
	var mapping []types.OvfNetworkMapping
	for _, each := range envelope.Network.Networks {
		if network, err := finder.Network(ctx, "/*/network/"+each.Name); err == nil {
			mapping = append(mapping, types.OvfNetworkMapping{Name: each.Name, Network: network.Reference()})
		}
	}
	return mapping, nil
}

// fill sends one file after the other, as govc does.
func fill(ctx context.Context, archive string, lease *nfc.Lease, info *nfc.LeaseInfo) error {
	updater := lease.StartUpdater(ctx, info)
	defer updater.Done()
	for _, item := range info.Items {
		if err := send(ctx, archive, lease, item); err != nil {
			return err
		}
	}
	return lease.Complete(ctx)
}

func send(ctx context.Context, archive string, lease *nfc.Lease, item nfc.FileItem) error {
	bytes, header, err := member(archive, func(name string) bool { return name == item.Path })
	if err != nil {
		return err
	}
	defer bytes.Close()
	return lease.Upload(ctx, item, bytes, soap.Upload{ContentLength: header.Size})
}

type disk struct {
	Label    string `json:"label"`
	Capacity int64  `json:"capacity"`
	File     string `json:"file"`
}

type nic struct {
	Type    string `json:"type"`
	Network string `json:"network"`
}

type machine struct {
	Ref         string            `json:"ref"`
	Name        string            `json:"name"`
	Annotation  string            `json:"annotation"`
	CPUs        int32             `json:"cpus"`
	MemoryMB    int32             `json:"memoryMB"`
	Disks       []disk            `json:"disks"`
	Nics        []nic             `json:"nics"`
	Images      []string          `json:"images"`
	ExtraConfig map[string]string `json:"extraConfig"`
}

func list(ctx context.Context, client *vim25.Client, args []string) error {
	finder := find.NewFinder(client)
	pattern := "/*/vm/*"
	if len(args) > 0 {
		pattern = args[0]
	}
	found, err := finder.VirtualMachineList(ctx, pattern)
	if err != nil {
		return err
	}
	var refs []types.ManagedObjectReference
	for _, each := range found {
		refs = append(refs, each.Reference())
	}
	var vms []mo.VirtualMachine
	if err := property.DefaultCollector(client).Retrieve(ctx, refs, []string{"name", "config"}, &vms); err != nil {
		return err
	}
	machines := []machine{}
	for _, vm := range vms {
		machines = append(machines, describe(vm))
	}
	return say(machines)
}

func describe(vm mo.VirtualMachine) machine {
	result := machine{
		Ref:         vm.Self.Value,
		Name:        vm.Name,
		Annotation:  vm.Config.Annotation,
		CPUs:        vm.Config.Hardware.NumCPU,
		MemoryMB:    vm.Config.Hardware.MemoryMB,
		Disks:       []disk{},
		Nics:        []nic{},
		Images:      []string{},
		ExtraConfig: map[string]string{},
	}
	devices := object.VirtualDeviceList(vm.Config.Hardware.Device)
	for _, each := range devices {
		switch device := each.(type) {
		case *types.VirtualDisk:
			entry := disk{Label: devices.Name(device), Capacity: device.CapacityInKB * 1024}
			if info, ok := device.DeviceInfo.(*types.Description); ok {
				entry.Label = info.Label
			}
			if backing, ok := device.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
				entry.File = backing.GetVirtualDeviceFileBackingInfo().FileName
			}
			result.Disks = append(result.Disks, entry)
		case types.BaseVirtualEthernetCard:
			result.Nics = append(result.Nics, nic{devices.TypeName(each), networkOf(device.GetVirtualEthernetCard())})
		case *types.VirtualCdrom:
			if backing, ok := device.Backing.(*types.VirtualCdromIsoBackingInfo); ok {
				result.Images = append(result.Images, backing.FileName)
			}
		}
	}
	for _, each := range vm.Config.ExtraConfig {
		option := each.GetOptionValue()
		result.ExtraConfig[option.Key] = fmt.Sprint(option.Value)
	}
	return result
}

// networkOf names a network, or gives the key of a distributed port group.
func networkOf(card *types.VirtualEthernetCard) string {
	switch backing := card.Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		return backing.DeviceName
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		return backing.Port.PortgroupKey
	}
	return ""
}

func say(what interface{}) error {
	return json.NewEncoder(os.Stdout).Encode(what)
}
