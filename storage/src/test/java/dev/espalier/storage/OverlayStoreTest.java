package dev.espalier.storage;

class OverlayStoreTest extends VolumeStoreContract {

    @Override
    TestDisk newDisk() {
        return TestDisk.xfs(1024);
    }

    @Override
    VolumeStore open(Volumes volumes) {
        return new OverlayStore(volumes);
    }
}
