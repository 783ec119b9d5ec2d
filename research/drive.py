import sys, msgspec
from pathlib import Path
from converter.catalogue import Catalogue
from converter.cutting import CutCache, cut_protocol
from converter.protocols import PROTOCOLS
from converter.settings import DEFAULTS
from converter.train import train
base=DEFAULTS["resecanet-aami5"]; protocol=PROTOCOLS[base.protocol]
cat=Catalogue(); ds=cat.resolve((),protocol.datasets)
beats,prov=cut_protocol(protocol,ds,normalisation=base.normalisation,cache=CutCache(cat.directory/"beats"))
for f in map(int,sys.argv[1:]): train(msgspec.structs.replace(base,left_out=f),beats,prov,Path(f"runs/left-out-{f}"))
