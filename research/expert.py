import sys; sys.path.insert(0,"research")
import numpy as np, tensorflow as tf, keras, time
tf.config.threading.set_intra_op_parallelism_threads(2)
def build(ch=24,dil=(1,2,4,8,16)):
    i=keras.Input((66,2)); x=keras.layers.Conv1D(ch,3,padding="causal",activation="relu")(i)
    for d in dil:
        y=keras.layers.Conv1D(ch,3,padding="causal",dilation_rate=d,activation="relu")(x); x=keras.layers.Add()([x,y])
    last=keras.layers.Cropping1D((65,0))(x); last=keras.layers.Flatten()(last)
    m=keras.layers.GlobalAveragePooling1D()(x); h=keras.layers.Concatenate()([last,m,keras.layers.Flatten()(keras.layers.Cropping1D((62,0))(i))])
    h=keras.layers.Dense(48,activation="relu")(h)
    return keras.Model(i,[keras.layers.Dense(1)(h),keras.layers.Dense(10)(h)])
if __name__=="__main__":
    z=np.load("research/simset.npz"); x=z["x"]; y=z["y"].astype(np.float32); k=z["k"]
    n=len(y); nv=24*1500; tr=slice(0,n-nv); va=slice(n-nv,n)
    m=build(); m.summary(print_fn=lambda s:None); print(m.count_params())
    ep=int(sys.argv[1]); B=512; steps=(n-nv)//B*ep
    opt=keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(3e-3,steps),weight_decay=1e-3)
    @tf.function
    def step(xb,yb,kb):
        with tf.GradientTape() as t:
            o,kk=m(xb,training=True)
            l=tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=yb,logits=o[:,0]))+.3*tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=kb,logits=kk))
        opt.apply_gradients(zip(t.gradient(l,m.trainable_variables),m.trainable_variables)); return l
    rng=np.random.default_rng(0); t=time.time()
    for e in range(ep):
        p=rng.permutation(n-nv); ls=[]
        for f in range(0,n-nv-B,B):
            c=p[f:f+B]; ls.append(float(step(x[c].astype(np.float32),y[c],k[c])))
        o=np.concatenate([m(x[va][f:f+4096].astype(np.float32))[0].numpy()[:,0] for f in range(0,nv,4096)])
        yy=y[va]>0; s=o>0; kv=k[va]
        row=[f"{(s&yy&(kv==j)).sum()/max((yy&(kv==j)).sum(),1):.2f}/{(s&~yy&(kv==j)).sum()/max((~yy&(kv==j)).sum(),1):.3f}" for j in range(10)]
        print(e,round(np.mean(ls),4),round(time.time()-t),row,flush=True)
    m.save_weights("research/expert.weights.h5")
